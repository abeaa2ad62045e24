"""What every format of catalogue file is read into: rows, rows that cannot be read, and remarks.

A format is a module with two functions. `check(file)` reads a whole file and raises `InvalidRequest` if its
structure is broken. `rows(file)` yields pairs of a line and an `Item`.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from shared.domain.errors import InvalidRequest
from shared.domain.ids import without_invisible

Row = dict[str, Any]

# The import remembers every SKU of a file: about 200 bytes a row.
MOST_ROWS: Final = 2_000_000

# Fields with a meaning of their own. Every other field of a row is a spec.
KNOWN_FIELDS: Final = frozenset(
    {
        "sku", "name", "slug", "brand", "category", "description", "msrp_price", "currency", "url_source",
        "image_uri", "images", "specs", "specifications", "store_links", "customer_reviews",
    }
)  # fmt: skip

# The value of a JSON key that an object has twice, with different values.
DUPLICATE: Final = object()


@dataclass(frozen=True)
class Unreadable:
    """A row that cannot be read: the reason, and the field if one is at fault."""

    reason: str
    field: str = ""


@dataclass(frozen=True)
class Remark:
    """A warning about the file or about the next row.

    `doubtful` means that rows may have been read as text of another row.
    """

    reason: str
    field: str = ""
    doubtful: bool = False


Item = Row | Unreadable | Remark


# Longer names are rare, and would make the cache of names large.
_CACHED_NAME = 200


def field_name(text: str) -> str:
    """The name of a field from a CSV header or a JSON key.

    Case, blanks around it and invisible characters do not count. A known field may be written with blanks or
    hyphens: `MSRP Price` is `msrp_price`.
    """
    return _cached_name(text) if len(text) <= _CACHED_NAME else _plain_name(text)


def _plain_name(text: str) -> str:
    plain = unicodedata.normalize("NFC", without_invisible(text))
    name = re.sub(r"\s+", " ", plain).strip().lower()
    known = re.sub(r"[ -]", "_", name)
    return known if known in KNOWN_FIELDS else name


_cached_name = lru_cache(maxsize=4096)(_plain_name)


def named_row(pairs: Iterable[tuple[str, Any]]) -> Row | Unreadable:
    """A row from names and values. Of two values with the same name, an empty or equal one is dropped."""
    row: Row = {}
    for name, value in pairs:
        key = field_name(name)
        if value is DUPLICATE:
            return _duplicate(key)
        if key in row and not is_empty(row[key]):
            if key and not is_empty(value) and value != row[key]:
                return _duplicate(key)
        else:
            row[key] = value
    return row


def is_empty(value: Any) -> bool:
    """Whether a value says nothing."""
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def _duplicate(key: str) -> Unreadable:
    return Unreadable("is there twice, with different values", key[:100])


def check_count(count: int) -> None:
    """Check the number of rows that a file has so far.

    Raises:
        InvalidRequest: when it has more than `MOST_ROWS`.
    """
    if count > MOST_ROWS:
        raise InvalidRequest(f"The file has more than {MOST_ROWS:,} rows; split it.")
