"""The summaries table: each category's name and its products by status, as of a time.

Always recomputed, never incremented: activities run at least once. Pages that show counts read these rows
and never scan the catalogue.
"""

from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel, Field

from shared.clock import utcnow
from shared.states import ProductStatus
from shared.storage.codec import decode, encode
from shared.storage.products import Products
from shared.storage.table import Table

_PARTITION = "category"


class CategorySummary(BaseModel):
    """One category: slug, the name that the catalogue used, products by status."""

    category: str
    name: str
    by_status: dict[ProductStatus, int] = Field(default_factory=dict)
    as_of: datetime


class Summaries:
    """Reads and recomputes category summaries."""

    def __init__(self, table: Table, products: Products) -> None:
        self._table = table
        self._products = products

    def announce(self, category: str, name: str) -> None:
        """Make a category known before its first product is stored, so that no run overlooks it."""
        if self._table.get(_PARTITION, category) is None:
            self._write(CategorySummary(category=category, name=name, as_of=utcnow()))

    def recompute(self, category: str) -> None:
        """Count a category's products again."""
        entity = self._table.get(_PARTITION, category)
        name = category if entity is None else decode(CategorySummary, entity).name
        as_of = utcnow()
        counts = self._products.count_by_status(category)
        self._write(CategorySummary(category=category, name=name, by_status=counts, as_of=as_of))

    def all(self) -> list[CategorySummary]:
        """Every category, by slug."""
        return [decode(CategorySummary, entity) for entity in self._table.query(_PARTITION)]

    def slugs(self, after: str, limit: int) -> list[str]:
        """Up to `limit` category slugs behind `after`, in key order."""
        found: list[str] = []
        rows: Iterator[dict[str, object]] = self._table.query(
            _PARTITION, start=after + "\x20" if after else None, select=["RowKey"], page_size=limit
        )
        for row in rows:
            found.append(str(row["RowKey"]))
            if len(found) == limit:
                break
        return found

    def _write(self, summary: CategorySummary) -> None:
        self._table.upsert(encode(_PARTITION, summary.category, summary))
