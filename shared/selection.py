"""Which products of a category a run may claim now."""

from itertools import islice

from shared.clock import utcnow
from shared.models.run import Run
from shared.needs import needed_parts
from shared.parallel import map_ordered
from shared.services import Services
from shared.states import ProductStatus

# Due products looked at together for what they need.
_LOOKED_AT = 200
_ALL = 1_000_000


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
    return (
        stored is not None
        and stored.product.openai_processing_status == ProductStatus.PENDING
        and stored.product.discontinued_at is None
    )


def _needing(services: Services, run: Run, category: str, limit: int) -> list[str]:
    """Of the products that are due, those that need one of the run's locales: each is looked into."""

    def needs(product_id: str) -> bool:
        stored = services.products.get(category, product_id)
        if stored is None:
            return False
        ledger = services.contents.ledger(product_id)
        return bool(needed_parts(tuple(run.locales), stored.product, ledger))

    due = services.products.due(category, utcnow(), _ALL, run.brand)
    found: list[str] = []
    for start in range(0, len(due), _LOOKED_AT):
        chunk = due[start : start + _LOOKED_AT]
        fitting = zip(chunk, map_ordered(needs, chunk), strict=True)
        found += [product_id for product_id, fits in fitting if fits]
        if len(found) >= limit:
            break
    return found[:limit]
