"""JSON objects as rows: which objects of a document are rows, and keys that an object has twice."""

from collections.abc import Iterable, Iterator
from typing import Any

from shared.catalogue.rows import DUPLICATE, Item, Row, Unreadable, field_name, is_empty, named_row

# A row may be wrapped in an object under this key.
_WRAPPER = "product_input"
_IDENTITY = {"sku", _WRAPPER}


def as_object(pairs: Iterable[tuple[str, Any]]) -> Row:
    """An object from its members. The value of a key with two different values is `DUPLICATE`."""
    result: Row = {}
    for key, value in pairs:
        put(result, key, value)
    return result


def put(target: Row, key: str, value: Any) -> None:
    """Add a member to an object."""
    before = target.get(key)
    if is_empty(before):
        target[key] = value
    elif not is_empty(value) and value != before:
        target[key] = DUPLICATE


def is_row(value: Row) -> bool:
    """Whether an object says by its keys that it is a product."""
    return any(map(is_identity, value))


def is_identity(key: str) -> bool:
    """Whether only a product has this key."""
    return field_name(key) in _IDENTITY


def as_row(value: Row) -> Item:
    """The row of an object, which may be wrapped."""
    row = named_row(value.items())
    if isinstance(row, dict) and isinstance(row.get(_WRAPPER), dict):
        return named_row(row[_WRAPPER].items())
    return row


def rows_in(value: Any, in_list: bool = True) -> Iterator[Item]:
    """The rows in a value: in lists, in objects by category, or in both, at any depth.

    An object is a row if it has a `sku`. Without one it is a row if it has a `name` or is in a list, and
    holds no other rows. Rows inside a row are part of it.
    """
    if isinstance(value, list):
        for item in value:
            yield from rows_in(item)
    elif isinstance(value, dict):
        if is_row(value) or (_names_something(value, in_list) and not _holds_rows(value)):
            yield as_row(value)
        else:
            for item in value.values():
                if isinstance(item, (dict, list)):
                    yield from rows_in(item, in_list=False)
    else:
        yield Unreadable("is not a JSON object")


def _names_something(value: Row, in_list: bool) -> bool:
    if "name" in map(field_name, value):
        return True
    return in_list and bool(value) and not any(isinstance(item, list) for item in value.values())


def _holds_rows(value: Any) -> bool:
    children = value.values() if isinstance(value, dict) else value
    return any(
        (isinstance(child, dict) and is_row(child)) or _holds_rows(child)
        for child in children
        if isinstance(child, (dict, list))
    )
