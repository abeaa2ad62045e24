"""Which products of a category a run may claim now."""

from itertools import islice

from shared.batching.eligibility import askable_parts
from shared.domain.clock import utcnow
from shared.domain.run import Run
from shared.persistence.pages import unless_unreadable
from shared.persistence.parallel import WINDOW, map_ordered
from shared.services import Services

_PAGE = 1000


def select(services: Services, run: Run, category: str, limit: int) -> list[str]:
    """Ids of up to `limit` products that wait and fit what the run asks for.

    Products that were named are taken whether or not their time has come.
    """
    if run.product_ids:
        waiting = (product_id for product_id in run.product_ids if _waits(services, category, product_id))
        return list(islice(waiting, limit))
    if not run.locales:
        return services.products.due(category, utcnow(), limit, run.brand)
    return _needing(services, run, category, limit)


def _waits(services: Services, category: str, product_id: str) -> bool:
    stored = services.products.get(category, product_id)
    return stored is not None and stored.product.is_waiting


def _needing(services: Services, run: Run, category: str, limit: int) -> list[str]:
    """Of the products that are due, those that may be asked for one of the run's locales now.

    Each is looked into, no more of them than it takes to find `limit` and the few that are looked at ahead.
    """

    def look(product_id: str) -> tuple[str, bool]:
        stored = services.products.get(category, product_id)
        if stored is None:
            return product_id, False
        content_state = services.contents.content_state(product_id)
        return product_id, bool(askable_parts(services.settings, run.locales, stored.product, content_state))

    due = services.products.waiting(category, utcnow(), run.brand, page_size=min(limit + WINDOW, _PAGE))
    found = filter(None, map_ordered(unless_unreadable(look), due))
    return list(islice((product_id for product_id, fits in found if fits), limit))
