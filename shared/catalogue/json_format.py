"""JSON, read as a stream: only one row is in memory at a time.

Rows may lie at any depth (see `rows_in`), so a value is read whole. A value that is larger than any row is a
list or an object of rows: it is entered, and its parts are read whole.

The standard library decodes the parts. The parser ijson (3.6) streams events, but its native code crashes the
process at an integer of 5,000 digits.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from shared.catalogue.json_objects import is_identity, rows_in
from shared.catalogue.json_source import LARGEST_VALUE, JsonSource, NotJson
from shared.catalogue.rows import Item, Unreadable, check_count
from shared.domain.errors import InvalidRequest

_CLOSING: Final = {"[": "]", "{": "}"}


def check(file: BinaryIO) -> None:
    """Read the file once.

    Raises:
        InvalidRequest: when it is not JSON, has a row that is too large or nested too deep, or too many rows.
    """
    for number, _ in rows(file):
        check_count(number)


def rows(file: BinaryIO) -> Iterator[tuple[int, Item]]:
    """The rows, each with its position, counted from 1.

    Raises:
        InvalidRequest: see `check`.
    """
    number = 0
    try:
        for value, in_list in _parts(JsonSource(file)):
            for item in _items(value, in_list):
                number += 1
                yield number, item
    except NotJson as error:
        where = f" after row {number}" if number else ""
        raise InvalidRequest(f"The file is not JSON that can be read{where}: {error}.") from None


def _items(value: Any, in_list: bool) -> list[Item]:
    try:
        return list(rows_in(value, in_list))
    except RecursionError:
        return [Unreadable("is nested too deep")]


def _parts(source: JsonSource) -> Iterator[tuple[Any, bool]]:
    """The parts of the document that are small enough to hold, and whether each is in a list.

    Raises:
        NotJson: when the document is broken.
    """
    around: list[str] = []  # what closes the lists and objects that were entered
    if source.peek() == "[":
        around.append(_CLOSING[source.take()])
    may_end = bool(around)
    while True:
        if may_end and source.peek() == around[-1]:
            source.take()
            around.pop()
        else:
            if around and around[-1] == "}":
                _check_key(source.key())
            held = source.value()
            if held is None:
                around.append(_CLOSING[source.take()])
                may_end = True
                continue
            in_list = not around or around[-1] == "]"
            if in_list or isinstance(held[0], (dict, list)):
                yield held[0], in_list
        if not _goes_on(source, around):
            return
        may_end = False


def _goes_on(source: JsonSource, around: list[str]) -> bool:
    """Read what follows a value, to the next value. False at the end of the document."""
    while around:
        mark = source.take()
        if mark == ",":
            return True
        if mark != around.pop():
            raise NotJson(f"a comma or a closing bracket is expected, not {mark or 'the end'!r}")
    if source.peek():
        raise NotJson("text follows the end of the document")
    return False


def _check_key(key: str) -> None:
    if is_identity(key):
        raise NotJson(f"a row, with the key {key[:40]!r}, has over {LARGEST_VALUE:,} characters")
