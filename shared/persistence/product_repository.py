"""The products table: catalogue rows by category, and a queue of the pending ones.

A product has a queue marker (`~q<due time>~<id>`) exactly while it is pending and not discontinued. Row and
marker are written in one transaction, conditional on the row's version. So the next N products are found by a
range read of N markers.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from shared.domain.errors import UnreadableRow
from shared.domain.product import Product
from shared.domain.states import ProductStatus, require
from shared.persistence.category_counts import CategoryCounts
from shared.persistence.entity_codec import Entity, decode, encode, readable, stamp
from shared.persistence.pages import Page, read_page
from shared.persistence.stored_values import reason_of
from shared.persistence.table import Operation, Table, etag_of, if_unchanged

_QUEUE = "~q"
# The service returns at most this many entities per answer.
_PAGE = 1000
# Times of the latest change of the facts, the texts, or whether the shop carries the product.
_CHANGED = ("openai_processed_at", "imported_at", "discontinued_at")
_DUE_FORMAT = "%Y%m%d%H%M%S"


@dataclass(frozen=True)
class StoredProduct:
    """A product with the version it was read at."""

    product: Product
    etag: str


class ProductRepository:
    """Reads and writes products."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, category: str, product_id: str) -> StoredProduct | None:
        entity = self._table.get(category, product_id)
        return None if entity is None else StoredProduct(decode(Product, entity), etag_of(entity))

    def due(self, category: str, now: datetime, limit: int, brand: str | None = None) -> list[str]:
        """Ids of up to `limit` pending products (of a brand) that are due, the earliest due first.

        Markers are hints: before acting on one, read the product and its claim.
        """
        return list(islice(self.waiting(category, now, brand, min(limit, _PAGE)), limit))

    def waiting(
        self, category: str, now: datetime, brand: str | None = None, page_size: int = _PAGE
    ) -> Iterator[str]:
        """The same as an iterator, which reads a page when the one before is consumed."""
        for entity in self._table.query(
            category,
            start=_QUEUE,
            end=f"{_QUEUE}{now.strftime(_DUE_FORMAT)}~~",
            equal={"brand": brand} if brand else None,
            select=["RowKey"],
            page_size=page_size,
        ):
            yield entity["RowKey"].rsplit("~", 1)[1]

    def insert(self, category: str, products: Sequence[Product]) -> list[int]:
        """Store new products of one category. Returns the indexes of those that already existed."""
        groups: list[list[Operation]] = []
        for product in products:
            group: list[Operation] = [("create", encode(category, product.product_id, product))]
            if product.due_at:
                group.append(("upsert", _marker(product)))
            groups.append(group)
        return self._table.transact(groups)

    def replace(self, category: str, changes: Sequence[tuple[StoredProduct, Product]]) -> list[int]:
        """Write products of one category over the versions read, and move their queue markers.

        Returns the indexes of those that another writer changed first.

        Raises:
            WrongState: when a new status may not follow the old one.
        """
        groups: list[list[Operation]] = []
        for stored, after in changes:
            before = stored.product
            require(
                before.openai_processing_status, after.openai_processing_status, f"Product {after.product_id}"
            )
            group: list[Operation] = [
                (
                    "update",
                    encode(category, after.product_id, after),
                    {**if_unchanged(stored.etag), "mode": "replace"},
                )
            ]
            if before.due_at != after.due_at:
                if before.due_at:
                    group.append(("delete", _marker(before)))
                if after.due_at:
                    group.append(("upsert", _marker(after)))
            groups.append(group)
        return self._table.transact(groups)

    def delete(self, stored: StoredProduct) -> bool:
        """Delete a product and its marker. Returns False when it was changed since it was read."""
        product = stored.product
        row = {"PartitionKey": product.category, "RowKey": product.product_id}
        group: list[Operation] = [("delete", row, if_unchanged(stored.etag))]
        if product.due_at:
            group.append(("delete", _marker(product)))
        return not self._table.transact([group])

    def scan(
        self, category: str, on_unreadable: Callable[[UnreadableRow], None] | None = None
    ) -> Iterator[StoredProduct]:
        """Every product of a category, in key order: for tasks that must read each of them.

        Rows that cannot be read are logged, given to `on_unreadable`, and left out.
        """
        for entity in self._table.query(category, end="~"):
            for product in readable(Product, [entity], on_unreadable):
                yield StoredProduct(product, etag_of(entity))

    def queue_again(self, category: str) -> int:
        """Write the queue marker of every pending product of a category. Returns their number."""
        waiting = (item.product for item in self.scan(category) if item.product.due_at)
        count = 0
        while some := list(islice(waiting, _PAGE)):
            self._table.transact([[("upsert", _marker(product))] for product in some])
            count += len(some)
        return count

    def page(
        self,
        category: str,
        after: str | None,
        limit: int,
        status: ProductStatus | None = None,
        updated_since: datetime | None = None,
    ) -> Page[Product]:
        """Up to `limit` products of a category after the id `after`, in key order.

        `status` selects by status, `updated_since` those whose facts or texts were written since that time.
        """
        entities = self._table.query(
            category,
            start=after + "\x20" if after else None,
            end="~",
            equal={"openai_processing_status": str(status)} if status else None,
            since=(_CHANGED, updated_since) if updated_since else None,
            page_size=min(limit, _PAGE),
        )
        return read_page(Product, entities, limit)

    def count_category(self, category: str) -> CategoryCounts:
        """The counts of a category's products, by a scan of a few properties."""
        counts = CategoryCounts()
        for row in self._table.query(category, end="~", select=list(CategoryCounts.PROPERTIES)):
            try:
                counts.add(row)
            except (ValueError, TypeError, KeyError) as error:
                key = f"{category}/{row['RowKey']}"
                logging.error("%s", UnreadableRow(f"Product {key}", reason_of(error)).message)
        return counts


def pending(product: Product, due_at: datetime) -> Product:
    """The product as pending, due at `due_at` (rounded down to a second, as in the marker's key).

    A discontinued product has no due time, and so no marker.
    """
    due = None if product.discontinued_at else due_at.replace(microsecond=0)
    return product.model_copy(update={"openai_processing_status": ProductStatus.PENDING, "due_at": due})


def _marker(product: Product) -> Entity:
    assert product.due_at is not None  # noqa: S101 - callers check it; a marker without a time is a bug
    due = product.due_at.strftime(_DUE_FORMAT)
    row_key = f"{_QUEUE}{due}~{product.product_id}"
    return stamp({"PartitionKey": product.category, "RowKey": row_key, "brand": product.brand_slug})
