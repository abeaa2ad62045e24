"""Full feeds: files that name every product of the shop.

A product that such a file does not name is discontinued.
"""

from collections.abc import Container, Sequence
from functools import partial

from shared.domain.clock import utcnow
from shared.persistence.pages import unless_unreadable
from shared.persistence.parallel import map_ordered
from shared.persistence.product_repository import StoredProduct
from shared.services import Services

_CHUNK = 50


class TooManyAbsent(Exception):
    """The file leaves out more of the catalogue than MAX_DISCONTINUED_SHARE allows."""


def discontinue_absent(services: Services, named: Container[str]) -> int:
    """Discontinue every product whose id is not in `named`. Returns how many were discontinued.

    A product that is in a batch stays in it: its texts are stored, and not served.

    Raises:
        TooManyAbsent: when too many are absent. A file that was cut off must not empty the shop.
    """
    categories = [summary.category for summary in services.summaries.all()]
    total, absent = 0, {}
    for category in categories:
        live = [item.product.product_id for item in services.products.scan(category) if _is_live(item)]
        total += len(live)
        absent[category] = [product_id for product_id in live if product_id not in named]
    count = sum(map(len, absent.values()))
    allowed = services.settings.max_discontinued_share
    if count > total * allowed:
        raise TooManyAbsent(
            f"The file leaves out {count} of {total} products, more than the share of {allowed:.0%} that "
            "MAX_DISCONTINUED_SHARE allows; none was discontinued."
        )
    for category, product_ids in absent.items():
        for start in range(0, len(product_ids), _CHUNK):
            _discontinue(services, category, product_ids[start : start + _CHUNK])
        if product_ids:
            services.summaries.recompute(category)
    return count


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
