"""JSON, read as a stream: only one row is in memory at a time.

Rows may lie at any depth (see `rows_in`), so a value is held until it ends. A value that grows larger than
any row is a list or an object of rows: its parts are given out, and from then on each part is held by itself.
"""

import codecs
from collections.abc import Iterator
from typing import Any, BinaryIO

import ijson

from shared.catalogue.json_objects import is_row, put, rows_in
from shared.catalogue.rows import Item, Unreadable, check_count, field_name
from shared.domain.errors import InvalidRequest

# No row is larger: it could not be stored. Counted in characters, with 16 for each value.
_LARGEST_ROW = 2_000_000
_PER_VALUE = 16
_DEEPEST = 100
_BUFFER = 256 * 1024

_Events = Iterator[tuple[str, Any]]


def check(file: BinaryIO) -> None:
    """Read the file once.

    Raises:
        InvalidRequest: when it is not JSON, or has too many rows.
    """
    count = 0
    for event, value in _events(file):
        if event == "map_key" and field_name(value) == "sku":
            count += 1
            check_count(count)


def rows(file: BinaryIO) -> Iterator[tuple[int, Item]]:
    """The rows, each with its position, counted from 1.

    Raises:
        InvalidRequest: when the file is not JSON.
    """
    number = 0
    for value, in_list in _parts(_events(file)):
        for item in rows_in(value, in_list):
            number += 1
            yield number, item


def _events(file: BinaryIO) -> _Events:
    if file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
        file.seek(0)
    try:
        yield from ijson.basic_parse(file, buf_size=_BUFFER)
    except (ijson.JSONError, ArithmeticError, ValueError) as error:
        reason = " ".join(str(error).split("\n", 1)[0].split())[:200]
        raise InvalidRequest(f"The file is not JSON: {reason}.") from None


def _parts(events: _Events) -> Iterator[tuple[Any, bool]]:
    """The parts of the document that are small enough to hold, and whether each stands in a list."""
    around: list[bool] = []  # the open lists (True) and objects (False) that are given out in parts
    held: _Held | None = None
    for event, value in events:
        if held is None:
            if event in ("start_array", "start_map"):
                if event == "start_array" and not around:
                    around.append(True)
                else:
                    held = _Held(event)
            elif event in ("end_array", "end_map"):
                around.pop()
            elif event != "map_key" and (not around or around[-1]):
                yield value, True
            continue
        held.feed(event, value)
        while held is not None and not held.is_complete and held.size > _LARGEST_ROW:
            if held.refuse_if_row():
                break
            around.append(held.is_list)
            yield from ((part, held.is_list) for part in held.parts())
            held = held.inner()
        if held is not None and held.is_complete:
            yield held.value, bool(around and around[-1])
            held = None


class _Held:
    """A list or an object that is being read."""

    def __init__(self, event: str) -> None:
        self._open: list[Any] = [_empty(event)]
        self._keys: list[str] = [""]
        self._sizes = [0]  # of what lies before each open value
        self._skipped = 0  # depth inside a value that is too deep or too large, which is read past
        self.size = 0
        self.value: Any = None
        self.is_complete = False

    @property
    def is_list(self) -> bool:
        return isinstance(self._open[0], list)

    def feed(self, event: str, value: Any) -> None:
        if self._skipped:
            self._skip(event)
        elif event == "map_key":
            self._keys[-1] = value
            self.size += len(value)
        elif event in ("start_array", "start_map"):
            self._sizes.append(self.size)
            self._open.append(_empty(event))
            self._keys.append("")
            self.size += _PER_VALUE
            if len(self._open) > _DEEPEST:
                self._give_up(f"is nested more than {_DEEPEST} levels deep")
        elif event in ("end_array", "end_map"):
            self._sizes.pop()
            self._keys.pop()
            self._add(self._open.pop())
        else:
            self.size += _PER_VALUE + (len(value) if isinstance(value, str) else 0)
            self._add(float(value) if event == "number" and not isinstance(value, int) else value)

    def refuse_if_row(self) -> bool:
        """Read past the rest of a value that is a row, and too large for one."""
        if isinstance(self._open[0], dict) and is_row(self._open[0]):
            self._give_up(f"has over {_LARGEST_ROW:,} characters")
        return bool(self._skipped)

    def parts(self) -> Iterator[Any]:
        """The parts that are complete, of a value that is not a row."""
        outer = self._open[0]
        parts = outer if isinstance(outer, list) else outer.values()
        return (part for part in parts if isinstance(outer, list) or isinstance(part, (dict, list)))

    def inner(self) -> "_Held | None":
        """The part that is not complete yet, if there is one."""
        if len(self._open) == 1:
            return None
        inner = _Held("start_array")
        inner._open, inner._keys = self._open[1:], self._keys[1:]
        inner._sizes = [size - self._sizes[1] for size in self._sizes[1:]]
        inner.size = self.size - self._sizes[1]
        return inner

    def _add(self, value: Any) -> None:
        if not self._open:
            self.value, self.is_complete = value, True
        elif isinstance(self._open[-1], list):
            self._open[-1].append(value)
        else:
            put(self._open[-1], self._keys[-1], value)

    def _give_up(self, reason: str) -> None:
        self._skipped = len(self._open)
        self.value = Unreadable(reason)
        self._open, self._keys, self._sizes, self.size = [None], [""], [0], 0

    def _skip(self, event: str) -> None:
        if event in ("start_array", "start_map"):
            self._skipped += 1
        elif event in ("end_array", "end_map"):
            self._skipped -= 1
            self.is_complete = not self._skipped


def _empty(event: str) -> Any:
    return [] if event == "start_array" else {}
