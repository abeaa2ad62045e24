"""JSON Lines: one JSON object a line. A broken line costs one row, because the next line is certain."""

import codecs
import json
from collections.abc import Iterator
from typing import BinaryIO, NoReturn

from shared.catalogue.json_objects import as_object, as_row
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
        value = json.loads(line, object_pairs_hook=as_object, parse_constant=_refuse)
    except RecursionError:
        return Unreadable("is nested too deep")
    except ValueError as error:
        return Unreadable(f"is not JSON: {str(error)[:200]}")
    return as_row(value) if isinstance(value, dict) else Unreadable("is not a JSON object")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
