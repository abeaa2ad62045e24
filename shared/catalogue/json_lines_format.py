"""JSON Lines: one JSON object a line. A broken line costs one row, because the next line is certain."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from shared.catalogue.json_objects import as_row
from shared.catalogue.json_source import NotJson, decode
from shared.catalogue.rows import Item, Unreadable, check_count

_LONGEST_LINE = 4_000_000


def check(file: BinaryIO) -> None:
    """Count the lines. No line can break the structure of the file.

    Raises:
        InvalidRequest: when there are too many rows.
    """
    count = 0
    while piece := file.readline(_LONGEST_LINE):
        count += piece.endswith(b"\n")
        check_count(count)


def rows(file: BinaryIO) -> Iterator[tuple[int, Item]]:
    """The rows, each with its line."""
    number = 0
    while raw := file.readline(_LONGEST_LINE + 1):
        number += 1
        line = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
        if len(raw) > _LONGEST_LINE:
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(_LONGEST_LINE)
            yield number, Unreadable(f"has over {_LONGEST_LINE:,} bytes")
        elif line.strip():
            yield number, _row(line)


def _row(line: bytes) -> Item:
    try:
        value = decode(line.decode())
        return as_row(value) if isinstance(value, dict) else Unreadable("is not a JSON object")
    except NotJson as error:
        return Unreadable(f"is not JSON: {error}")
    except RecursionError:
        return Unreadable("is nested too deep")
