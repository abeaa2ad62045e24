"""The summaries table: each category's name, and its products by status at a point in time.

A summary is always recomputed and never incremented, since activities run at least once. Pages that show
counts read these rows and never scan the catalogue.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import Field

from shared.domain.clock import utcnow
from shared.domain.states import ProductStatus
from shared.domain.stored import Stored
from shared.persistence.category_counts import Failure
from shared.persistence.entity_codec import Entity, encode, readable
from shared.persistence.product_repository import ProductRepository
from shared.persistence.table import Table

_PARTITION = "category"


class CategorySummary(Stored):
    """One category: slug, name in the catalogue, and the products that the shop carries, by status."""

    category: str
    name: str
    by_status: dict[ProductStatus, int] = Field(default_factory=dict)
    discontinued: int = 0
    locales: list[str] = Field(default_factory=list, description="locales that its products were queued for")
    stored: dict[str, int] = Field(default_factory=dict, description="texts that are up to date, by locale")
    backing_off: int = Field(default=0, description="products that wait for another attempt")
    next_due: datetime | None = Field(default=None, description="when the first of these is due")
    scores: dict[int, int] = Field(default_factory=dict, description="served texts, by band of score")
    failures: list[Failure] = Field(default_factory=list, description="causes of missing texts")
    as_of: datetime


class CategorySummaries:
    """Reads and recomputes category summaries."""

    def __init__(self, table: Table, products: ProductRepository) -> None:
        self._table = table
        self._products = products

    def announce(self, category: str, name: str) -> None:
        """Create a category's summary before its first product is stored, so that no run overlooks it."""
        if self._table.get(_PARTITION, category) is None:
            self._write(CategorySummary(category=category, name=name, as_of=utcnow()))

    def recompute(self, category: str) -> None:
        """Count a category's products again."""
        as_of = utcnow()
        counts = self._products.count_category(category)
        update = {
            "by_status": dict(counts.by_status),
            "discontinued": counts.discontinued,
            "stored": dict(counts.stored),
            "backing_off": counts.backing_off,
            "next_due": counts.next_due,
            "scores": dict(sorted(counts.scores.items())),
            "failures": list(counts.failures.values()),
            "as_of": as_of,
        }
        self._write(self.get(category).model_copy(update=update))

    def get(self, category: str) -> CategorySummary:
        """A category's summary. A category that is not known yet has its slug as its name."""
        entity = self._table.get(_PARTITION, category)
        if entity is None:
            return CategorySummary(category=category, name=category, as_of=utcnow())
        return _read(entity)

    def set_locales(self, category: str, locales: Sequence[str]) -> None:
        """Store the locales that a category's products have been queued for."""
        self._write(self.get(category).model_copy(update={"locales": list(locales)}))

    def all(self) -> list[CategorySummary]:
        """Every category, by slug."""
        return [_read(entity) for entity in self._table.query(_PARTITION)]

    def slugs(self, after: str, limit: int, among: Sequence[str] = ()) -> list[str]:
        """Up to `limit` category slugs after `after`, in key order: of `among`, or of all if it is empty."""
        if among:
            return [slug for slug in sorted(among) if slug > after][:limit]
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


def _read(entity: Entity) -> CategorySummary:
    """The summary of a row. One that cannot be read is empty until its category is counted again."""
    slug = str(entity["RowKey"])
    name = str(entity.get("name") or slug)
    return next(
        readable(CategorySummary, [entity]), CategorySummary(category=slug, name=name, as_of=utcnow())
    )
