"""Records of a CSV file: the strict parser, and errors of the framing with their line."""

import csv
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Protocol, TextIO

from shared.domain.errors import InvalidRequest

# A longer value is a quote that was never closed. The module's own limit, 131,072, is less than a long
# description, and it is one setting for the whole process.
_LONGEST_VALUE = 4_000_000
# No row is larger: it could not be stored. Without a limit, one line could fill the memory.
LARGEST_RECORD = 8_000_000
csv.field_size_limit(_LONGEST_VALUE)


class Reader(Protocol):
    """What `csv.reader` returns."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


class Lines:
    """The lines of a text. Those since the last `forget`, one record, are in `recent`.

    Raises:
        InvalidRequest: when a record is larger than `LARGEST_RECORD`.
    """

    def __init__(self, text: TextIO, head: Sequence[str] = ()) -> None:
        self._lines = chain(head, iter(lambda: text.readline(LARGEST_RECORD + 1), ""))
        self._size = 0
        self._number = 0
        self.recent: list[str] = []

    def forget(self) -> None:
        """Start a new record."""
        self.recent.clear()
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._number += 1
        self._size += len(line)
        if self._size > LARGEST_RECORD:
            begin = self._number - len(self.recent)
            raise broken_row(begin, f"it has over {LARGEST_RECORD:,} characters; is a quote never closed?")
        self.recent.append(line)
        return line


def make_reader(lines: Iterator[str], delimiter: str) -> Reader:
    """A strict parser of lines."""
    return csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)


def next_record(reader: Reader) -> tuple[int, list[str] | None]:
    """The next record with its first line; None at the end of the file.

    Raises:
        InvalidRequest: at a framing error.
    """
    line = reader.line_num + 1
    try:
        return line, next(reader)
    except StopIteration:
        return line, None
    except csv.Error as error:
        raise broken_row(line, _REASONS.get(str(error)[:10], str(error))) from None


# By the first characters of the csv module's messages.
_REASONS = {
    "unexpected": "a quote is opened and never closed",
    "field larg": f"a value has over {_LONGEST_VALUE:,} characters; is a quote never closed?",
}


def broken_row(line: int, reason: str) -> InvalidRequest:
    """The error of a file whose framing is broken in the record that begins on `line`."""
    if "expected after" in reason:
        reason = "text follows a closing quote; a quote inside a value is written twice"
    return InvalidRequest(f"The row on line {line} is not well-formed CSV: {reason}")
