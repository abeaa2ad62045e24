"""Catalogue files as rows: CSV, JSON and JSON Lines, in UTF-8 with or without a byte order mark."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import orjson

from shared.domain.errors import InvalidRequest

Row = dict[str, Any]

# A row may be wrapped in an object under this key.
_WRAPPER = "product_input"
_DELIMITERS = ",;\t|"


def check_encoding(chunks: Iterable[bytes]) -> None:
    """Read a whole file once, before anything of it is stored.

    Raises:
        InvalidRequest: when it is not UTF-8, or is empty.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    position = 0
    try:
        for chunk in chunks:
            decoder.decode(chunk)
            position += len(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise InvalidRequest(
            f"The file is not UTF-8 (near byte {position + error.start}). Save it as UTF-8 and try again."
        ) from None
    if not position:
        raise InvalidRequest("The file is empty.")


def read_rows(file: BinaryIO, file_format: str) -> Iterator[tuple[int, Row | str]]:
    """The rows of a UTF-8 file, each with its number: its line in CSV and JSONL, its position in JSON.

    A row that cannot be read is a string that says why. CSV and JSONL are read as a stream, JSON as a whole.

    Raises:
        InvalidRequest: when the file cannot be read at all (no header, not JSON).
    """
    return {"csv": _csv, "json": _json, "jsonl": _jsonl}[file_format](file)


def _csv(file: BinaryIO) -> Iterator[tuple[int, Row | str]]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    header_line = text.readline()
    delimiter = max(_DELIMITERS, key=header_line.count)
    header = [name.strip().lower() for name in next(csv.reader([header_line], delimiter=delimiter), [])]
    if not {"sku", "name"} <= set(header):
        raise InvalidRequest("The first line of a CSV file must be a header with at least sku and name.")
    reader = csv.reader(text, delimiter=delimiter)
    while True:
        line = reader.line_num + 2  # as an editor counts: the header is line 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"cannot be read as CSV: {error}"
            continue
        if len(values) > len(header):
            yield line, f"has {len(values)} values where the header names {len(header)} columns"
        elif any(value.strip() for value in values):
            yield line, dict(zip(header, values, strict=False))


def _jsonl(file: BinaryIO) -> Iterator[tuple[int, Row | str]]:
    for number, raw in enumerate(file, start=1):
        line = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield number, f"is not JSON: {error}"
            continue
        yield number, _unwrap(row) if isinstance(row, dict) else "is not a JSON object"


def _json(file: BinaryIO) -> Iterator[tuple[int, Row | str]]:
    data = file.read().removeprefix(codecs.BOM_UTF8)
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"The file is not JSON: {error}.") from None
    yield from enumerate(_rows_in(document), start=1)


def _rows_in(value: Any) -> Iterator[Row | str]:
    """The rows in a JSON document: in lists, in objects by category, or in both, at any depth."""
    if isinstance(value, list):
        for item in value:
            if isinstance(item, (dict, list)):
                yield from _rows_in(item)
            else:
                yield "is not a JSON object"
    elif isinstance(value, dict):
        if _WRAPPER in value or "sku" in value or "name" in value:
            yield _unwrap(value)
        else:
            for item in value.values():
                if isinstance(item, (dict, list)):
                    yield from _rows_in(item)


def _unwrap(row: Row) -> Row:
    inner = row.get(_WRAPPER)
    return inner if isinstance(inner, dict) else row
