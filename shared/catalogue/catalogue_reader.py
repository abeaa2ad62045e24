"""Catalogue files as rows: CSV, JSON and JSON Lines, in UTF-8 with or without a byte order mark."""

import codecs
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from shared.catalogue import csv_format, json_format, json_lines_format
from shared.catalogue.rows import Item
from shared.domain.errors import InvalidRequest

_CHECKS = {"csv": csv_format.check, "json": json_format.check, "jsonl": json_lines_format.check}
_ROWS = {"csv": csv_format.rows, "json": json_format.rows, "jsonl": json_lines_format.rows}


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


def check_structure(file: BinaryIO, file_format: str) -> None:
    """Read a whole UTF-8 file once, before anything of it is stored.

    Raises:
        InvalidRequest: when its structure is broken, with the line and the reason.
    """
    _CHECKS[file_format](file)


def read_rows(file: BinaryIO, file_format: str) -> Iterator[tuple[int, Item]]:
    """The rows of a UTF-8 file, each with its number: its line in CSV and JSON Lines, its position in JSON.

    Every format is read as a stream.

    Raises:
        InvalidRequest: when the structure of the file is broken.
    """
    return _ROWS[file_format](file)
