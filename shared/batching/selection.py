"""Which products of a category a run may claim now."""

from itertools import islice

from shared.batching.eligibility import requestable_parts
from shared.domain.clock import utcnow
from shared.domain.ids import has_name_hash
from shared.domain.run import Run
from shared.persistence.pages import unless_unreadable
from shared.persistence.parallel import WINDOW, map_ordered
from shared.services import Services

_PAGE = 1000


def select(services: Services, run: Run, category: str, limit: int) -> list[str]:
    """Ids of up to `limit` pending products that match the run's choice of products, brand and locales.

    Products that the run names are taken even before they are due.
    """
    if run.product_ids:
        waiting = (
            product_id for product_id in run.product_ids if _is_waiting(services, run, category, product_id)
        )
        return list(islice(waiting, limit))
    # Queue markers of the first version hold no such slug, so the products themselves are read.
    reads_brands = run.brand is not None and has_name_hash(run.brand)
    if not run.locales and not reads_brands:
        return services.products.due(category, utcnow(), limit, run.brand)
    return _that_fit(services, run, category, limit, None if reads_brands else run.brand)


def _is_waiting(services: Services, run: Run, category: str, product_id: str) -> bool:
    stored = services.products.get(category, product_id)
    if stored is None or not stored.product.is_waiting:
        return False
    return run.brand in (None, stored.product.brand_slug)


def _that_fit(services: Services, run: Run, category: str, limit: int, queued_as: str | None) -> list[str]:
    """Of the products that are due, those of the run's brand of which one of its locales may be requested.

    `queued_as`: the brand in the queue markers; None reads all. Each product is read. Reading stops when
    `limit` are found, apart from the few that are read ahead.
    """

    def check(product_id: str) -> tuple[str, bool]:
        stored = services.products.get(category, product_id)
        if stored is None or run.brand not in (None, stored.product.brand_slug):
            return product_id, False
        if not run.locales:
            return product_id, True
        content_state = services.contents.content_state(product_id)
        parts = requestable_parts(services.settings, run.locales, stored.product, content_state)
        return product_id, bool(parts)

    due = services.products.waiting(category, utcnow(), queued_as, page_size=min(limit + WINDOW, _PAGE))
    found = filter(None, map_ordered(unless_unreadable(check), due))
    return list(islice((product_id for product_id, fits in found if fits), limit))
