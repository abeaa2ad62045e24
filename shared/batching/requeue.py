"""Making products wait again: for a locale that is new, or because somebody wants texts written anew."""

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
    """Make a category's completed products wait for locales that were configured since it was last here."""
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
    """Make the chosen products of a category wait now; the answer is how many were chosen.

    Chosen texts are served until new ones are stored. A product that is in a batch is made to wait when
    that batch is settled. Texts that are younger than the wish stay: doing it again asks for nothing twice.
    """
    products = _named(services, category, choice) if choice.product_ids else services.products.scan(category)
    return _requeue(services, category, products, _chosen(services, choice))


def _named(services: Services, category: str, choice: Requeueing) -> Iterator[StoredProduct]:
    """The named products that live in a category; with the last one also those that have left them all."""
    takes_strangers = bool(choice.categories) and category == max(choice.categories)
    for product_id in choice.product_ids:
        stored = services.products.get(category, product_id)
        if stored is None and takes_strangers:
            found = _where_it_lives(services, product_id)
            stored = found if found and found.product.category not in choice.categories else None
        if stored is not None:
            yield stored


def _chosen(services: Services, choice: Requeueing) -> Callable[[Product], bool]:
    parts = choice.locales or (FACTS_KEY, *services.settings.locales)

    def fits(part: str, made: GeneratedPart) -> bool:
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
            return bool(services.contents.outdate(product.product_id, fits))
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
    met = {category}
    looked_at = map_ordered(unless_unreadable(lambda item: (item, chosen(item.product))), products)
    for stored, fits in filter(None, looked_at):
        if fits:
            count += 1
            waiting.append(stored)
        if len(waiting) == _CHUNK:
            met |= _make_wait(services, waiting)
            waiting = []
    met |= _make_wait(services, waiting)
    for each in sorted(met):
        services.summaries.recompute(each)
    return count


def _make_wait(services: Services, chosen: list[StoredProduct]) -> set[str]:
    """Make products wait, following those that move meanwhile; the answer names their categories."""
    met: set[str] = set()
    while chosen:
        by_category: dict[str, list[tuple[StoredProduct, Product]]] = defaultdict(list)
        for stored in chosen:
            if stored.product.openai_processing_status != ProductStatus.PROCESSING:
                waits = pending(stored.product.model_copy(update={"attempts": 0}), utcnow())
                by_category[stored.product.category].append((stored, waits))
        met |= by_category.keys()
        again = [
            _where_it_lives(services, changes[place][0].product.product_id)
            for category, changes in by_category.items()
            for place in services.products.replace(category, changes)
        ]
        chosen = [stored for stored in again if stored is not None]
    return met


def _where_it_lives(services: Services, product_id: str) -> StoredProduct | None:
    """A product's row by its claim, which a move turns before it deletes the row that it leaves."""
    while True:
        claim = services.contents.claim(product_id)
        stored = services.products.get(claim.category, product_id) if claim else None
        if claim is None or stored is not None:
            return stored
        if services.contents.claim(product_id) == claim:
            return None
