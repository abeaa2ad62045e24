"""Setting products to pending again: for a new locale, or because texts are to be regenerated."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from shared.batching.eligibility import needed_parts
from shared.content.content_records import GeneratedPart, TryState
from shared.content.product_facts import FACTS_KEY
from shared.domain.clock import utcnow
from shared.domain.product import Product
from shared.domain.states import ProductStatus
from shared.domain.task import Requeueing
from shared.persistence.pages import unless_unreadable
from shared.persistence.parallel import map_ordered
from shared.persistence.product_repository import StoredProduct, pending
from shared.services import Services

_CHUNK = 50


def queue_new_locales(services: Services, category: str) -> None:
    """Set completed products of a category to pending when locales were configured since the last call."""
    configured = services.settings.locales
    if set(configured) <= set(services.summaries.get(category).locales):
        return

    def needs(product: Product) -> bool:
        return product.openai_processing_status == ProductStatus.COMPLETED and bool(
            needed_parts(configured, product, services.contents.content_state(product.product_id))
        )

    _requeue(services, category, services.products.scan(category), needs)
    services.summaries.set_locales(category, configured)


def requeue_category(services: Services, category: str, choice: Requeueing) -> int:
    """Set the chosen products of a category to pending, due now. Returns how many were chosen.

    The texts are served until new ones are stored. A product that is in a batch becomes pending when that
    batch is settled. Texts that are newer than the request (`choice.created_at`) are kept, so calling this
    again regenerates nothing twice.
    """
    products = (
        _named_products(services, category, choice)
        if choice.product_ids
        else services.products.scan(category)
    )
    return _requeue(services, category, products, _selector(services, choice))


def _named_products(services: Services, category: str, choice: Requeueing) -> Iterator[StoredProduct]:
    """The named products of a category. The last category also returns those that have left all of them."""
    takes_moved = bool(choice.categories) and category == max(choice.categories)
    for product_id in choice.product_ids:
        stored = services.products.get(category, product_id)
        if stored is None and takes_moved:
            found = _current_row(services, product_id)
            stored = found if found and found.product.category not in choice.categories else None
        if stored is not None:
            yield stored


def _selector(services: Services, choice: Requeueing) -> Callable[[Product], bool]:
    """A function that says whether a product is chosen, and makes its chosen parts requestable again.

    A choice by failure resets the attempts of failed parts. Any other choice outdates published parts.
    """
    parts = choice.locales or (FACTS_KEY, *services.settings.locales)

    def is_outdated(part: str, made: GeneratedPart) -> bool:
        return (
            part in parts
            and made.generated_at <= choice.created_at
            and choice.prompt_version in (None, made.prompt_version)
            and choice.model in (None, made.model)
        )

    def chosen(product: Product) -> bool:
        if choice.brand not in (None, product.brand_slug) or product.discontinued_at:
            return False
        if choice.outcome is None and not choice.failed:
            return bool(services.contents.outdate(product.product_id, is_outdated))
        failed = [
            candidate.part
            for candidate in services.contents.candidates(product.product_id)
            if candidate.state == TryState.FAILED
            and choice.outcome in (None, candidate.outcome)
            and candidate.part in parts
            and candidate.updated_at <= choice.created_at
            and choice.prompt_version in (None, candidate.prompt_version)
        ]
        services.contents.forgive(product.product_id, failed)
        return bool(failed)

    return chosen


def _requeue(
    services: Services, category: str, products: Iterable[StoredProduct], chosen: Callable[[Product], bool]
) -> int:
    count = 0
    waiting: list[StoredProduct] = []
    touched = {category}
    checked = map_ordered(unless_unreadable(lambda item: (item, chosen(item.product))), products)
    for stored, fits in filter(None, checked):
        if fits:
            count += 1
            waiting.append(stored)
        if len(waiting) == _CHUNK:
            touched |= _set_pending(services, waiting)
            waiting = []
    touched |= _set_pending(services, waiting)
    for touched_category in sorted(touched):
        services.summaries.recompute(touched_category)
    return count


def _set_pending(services: Services, chosen: list[StoredProduct]) -> set[str]:
    """Set products to pending, also those that move meanwhile. Returns the categories they were found in."""
    touched: set[str] = set()
    while chosen:
        by_category: dict[str, list[tuple[StoredProduct, Product]]] = defaultdict(list)
        for stored in chosen:
            if stored.product.openai_processing_status != ProductStatus.PROCESSING:
                after = pending(stored.product.model_copy(update={"attempts": 0}), utcnow())
                by_category[stored.product.category].append((stored, after))
        touched |= by_category.keys()
        again = [
            _current_row(services, changes[place][0].product.product_id)
            for category, changes in by_category.items()
            for place in services.products.replace(category, changes)
        ]
        chosen = [stored for stored in again if stored is not None]
    return touched


def _current_row(services: Services, product_id: str) -> StoredProduct | None:
    """A product's row, found by its claim: a move changes the claim before it deletes the old row."""
    while True:
        claim = services.contents.claim(product_id)
        stored = services.products.get(claim.category, product_id) if claim else None
        if claim is None or stored is not None:
            return stored
        if services.contents.claim(product_id) == claim:
            return None
