"""A page of rows, which also names the rows that could not be read."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field

from shared.domain.errors import UnreadableRow
from shared.domain.stored import Stored
from shared.persistence.entity_codec import readable

Row = TypeVar("Row", bound=Stored)
Item = TypeVar("Item")
Result = TypeVar("Result")


class Unreadable(BaseModel):
    """A stored row that this version of the app cannot read."""

    id: str = Field(description="id of the product, batch, run or part; the row's key")
    reason: str = Field(description="what does not fit")


class Page(list[Row], Generic[Row]):
    """The readable rows of a page, in key order. `next_after` is None on the last page."""

    def __init__(self) -> None:
        super().__init__()
        self.unreadable: list[Unreadable] = []
        self.next_after: str | None = None


def unless_unreadable(work: Callable[[Item], Result | None]) -> Callable[[Item], Result | None]:
    """`work`, which returns None for a row that cannot be read. The row is logged.

    For loops over many rows: one bad row costs its own item, and no other.
    """

    def tolerant(item: Item) -> Result | None:
        try:
            return work(item)
        except UnreadableRow as error:
            logging.error("%s", error.message)
            return None

    return tolerant


def read_page(
    model: type[Row],
    entities: Iterable[Mapping[str, Any]],
    limit: int | None = None,
    keep: Callable[[Row], bool] | None = None,
) -> Page[Row]:
    """Up to `limit` rows that `keep` accepts. A row that cannot be read takes the place of one of them."""
    page: Page[Row] = Page()
    for entity in entities:
        key = str(entity["RowKey"])

        def note(error: UnreadableRow, key: str = key) -> None:
            page.unreadable.append(Unreadable(id=key, reason=error.reason))

        page.extend(row for row in readable(model, [entity], note) if keep is None or keep(row))
        if limit is not None and len(page) + len(page.unreadable) == limit:
            page.next_after = key
            break
    return page
