"""CSV as RFC 4180 defines it, with any of four delimiters. One strict parser reads the header and the rows.

A file with a framing error (a quote that is never closed, text after a closing quote) is refused as a whole:
after such an error it is not certain where the next row begins. A row with the wrong number of values is
refused alone: its boundary is certain.
"""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO, TextIO

from shared.catalogue.csv_records import Lines, Reader, broken_row, make_reader, next_record
from shared.catalogue.rows import Item, Remark, Row, Unreadable, check_count, field_name, named_row
from shared.domain.errors import InvalidRequest

_DELIMITERS = ",;\t|"
_REQUIRED = {"sku", "name"}
_MOST_COLUMNS = 2_000
_LONGEST_NAME = 200
# The header is looked for in this much of the file: a quote that is never closed must not hold all of it.
_HEADER_LINES = 200
_HEADER_CHARACTERS = 1_000_000


def check(file: BinaryIO) -> None:
    """Read the file once.

    Raises:
        InvalidRequest: when there is no usable header, the framing is broken (with the line and the reason),
            or there are too many rows.
    """
    for count, _ in enumerate(rows(file), start=1):
        check_count(count)


def rows(file: BinaryIO) -> Iterator[tuple[int, Item]]:
    """The rows, each with the line on which it begins, as an editor counts.

    Raises:
        InvalidRequest: see `check`.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        yield from _rows(text)
    finally:
        # The file belongs to the caller, who may have closed it by now; the wrapper would close it too.
        if not text.closed:
            text.detach()


def _rows(text: TextIO) -> Iterator[tuple[int, Item]]:
    lines, delimiter = _find_header(text)
    reader = make_reader(lines, delimiter)
    header_line, header = _header(reader)
    names = _checked_names(header)
    duplicates = sorted({name for name in names if name and names.count(name) > 1})
    for name in duplicates:
        yield header_line, Remark("is there twice in the header; the value that is not empty is used", name)
    while True:
        lines.forget()
        line, values = next_record(reader)
        if values is None:
            return
        if not any(value.strip() for value in values):
            continue
        item = _item(names, values, bool(duplicates))
        if len(lines.recent) > 1 and _lines_are_rows(lines.recent, delimiter, {len(names), len(values)}):
            reason = f"a quoted value takes in line {line + 1}, which looks like a row; is a quote missing?"
            if isinstance(item, Unreadable):
                raise broken_row(line, reason)
            yield line, Remark(reason, doubtful=True)
        yield line, item


def _find_header(text: TextIO) -> tuple[Lines, str]:
    """The lines from the header on, and the delimiter: the one that splits the header into most columns.

    Excel's first line `sep=;` names the delimiter.
    """
    head: list[str] = []
    size = 0
    first = Lines(text)
    for line in first:
        first.forget()
        head.append(line)
        size += len(line)
        if len(head) == _HEADER_LINES or size > _HEADER_CHARACTERS:
            break
    hint = head[0].strip().strip('"') if head else ""
    candidates = _DELIMITERS
    if len(hint) in (4, 5) and hint.lower().startswith("sep="):
        candidates = (hint[4:] or "\t") + _DELIMITERS
        # An empty line keeps the line numbers right.
        head[0] = "\n"
    found: dict[str, int] = {}
    problem = "There is none"
    for delimiter in candidates:
        try:
            _, header = _header(make_reader(iter(head), delimiter))
        except InvalidRequest as error:
            problem = error.message
            continue
        if set(map(field_name, header)) >= _REQUIRED:
            found.setdefault(delimiter, len(header))
        elif header and problem == "There is none":
            problem = f"It begins with {header[0][:40]!r}"
    if not found:
        raise InvalidRequest(
            f"The first line of a CSV file must be a header with at least sku and name. {problem}."
        )
    return Lines(text, head), max(found, key=lambda delimiter: found[delimiter])


def _header(reader: Reader) -> tuple[int, list[str]]:
    """The first record that is not blank, with its first line. No values if there is none."""
    while True:
        line, values = next_record(reader)
        if values is None or any(value.strip() for value in values):
            return line, values or []


def _checked_names(header: list[str]) -> list[str]:
    if len(header) > _MOST_COLUMNS:
        raise InvalidRequest(f"The header has {len(header)} columns; at most {_MOST_COLUMNS} are read.")
    for number, name in enumerate(header, start=1):
        if len(name) > _LONGEST_NAME:
            raise InvalidRequest(
                f"The name of column {number} in the header has {len(name)} characters; "
                f"at most {_LONGEST_NAME} are allowed."
            )
    names = [field_name(name) for name in header]
    while not names[-1]:  # delimiters at the end of the header
        names.pop()
    return names


def _item(names: list[str], values: list[str], has_duplicates: bool) -> Row | Unreadable:
    while len(values) > len(names) and not values[-1].strip():
        values.pop()
    if len(values) != len(names):
        return Unreadable(
            f"has {len(values)} values where the header names {len(names)} columns; "
            "a value with a delimiter or a line break must be in quotes"
        )
    pairs = zip(names, values, strict=True)
    return named_row(pairs) if has_duplicates else dict(pairs)


def _lines_are_rows(lines: list[str], delimiter: str, counts: set[int]) -> bool:
    """Whether each further line of a record could be a row of its own, as after a forgotten quote.

    `counts` are the numbers of values that such a row may have. One such line is no sign: prose has as many
    commas by chance. A line with one comma is none either.
    """
    if min(counts) < 3:
        return False
    for line in lines[1:]:
        values = next(csv.reader([line], delimiter=delimiter), [])
        if len(values) not in counts or not values[0].strip():
            return False
    return True
