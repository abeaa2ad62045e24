"""Full feeds: files that name every product of the shop.

A product that such a file does not name is discontinued.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from shared.domain.clock import utcnow
from shared.domain.run import ImportReport
from shared.persistence.pages import unless_unreadable
from shared.persistence.parallel import map_ordered
from shared.persistence.product_repository import StoredProduct
from shared.services import Services

_CHUNK = 50


@dataclass(frozen=True)
class Absent:
    """The products that a file does not name, by category; `total` counts all products of the shop."""

    total: int
    by_category: dict[str, list[str]]

    @property
    def count(self) -> int:
        """How many would be discontinued."""
        return sum(map(len, self.by_category.values()))


def find_absent(services: Services, is_named: Callable[[str], bool]) -> Absent:
    """The products whose id the file does not name. Nothing is changed."""
    total, absent = 0, {}
    for summary in services.summaries.all():
        category = summary.category
        live = [item.product.product_id for item in services.products.scan(category) if _is_live(item)]
        total += len(live)
        absent[category] = [product_id for product_id in live if not is_named(product_id)]
    return Absent(total, absent)


def reason_to_keep(absent: Absent, report: ImportReport, doubtful: bool, allowed: float) -> str | None:
    """Why nothing may be discontinued; None when it may.

    A product that is absent may be in a row that could not be read. A file that was cut off must not empty
    the shop: `allowed` is the largest share of it that a file may leave out.
    """
    if not absent.count:
        return None
    if report.rejected:
        return f"{report.rejected} rows were rejected, and may name products that seem absent"
    if doubtful:
        return "some rows may be read as text of another row (see the warnings)"
    if not report.rows:
        return "the file has no rows"
    if absent.count > absent.total * allowed:
        return (
            f"the file leaves out {absent.count} of {absent.total} products, more than the share of "
            f"{allowed:.0%} that MAX_DISCONTINUED_SHARE allows"
        )
    return None


def discontinue(services: Services, absent: Absent) -> int:
    """Discontinue products. Returns how many.

    A product that is in a batch stays in it: its texts are stored, and not served.
    """
    for category, product_ids in absent.by_category.items():
        for start in range(0, len(product_ids), _CHUNK):
            _discontinue(services, category, product_ids[start : start + _CHUNK])
        if product_ids:
            services.summaries.recompute(category)
    return absent.count


def _is_live(stored: StoredProduct) -> bool:
    return stored.product.discontinued_at is None


def _discontinue(services: Services, category: str, product_ids: Sequence[str]) -> None:
    remaining = list(product_ids)
    while remaining:
        found = map_ordered(unless_unreadable(partial(services.products.get, category)), remaining)
        live = [stored for stored in found if stored is not None and _is_live(stored)]
        update = {"discontinued_at": utcnow(), "due_at": None}
        refused = services.products.replace(
            category, [(stored, stored.product.model_copy(update=update)) for stored in live]
        )
        remaining = [live[place].product.product_id for place in refused]
