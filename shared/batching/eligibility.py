"""Which parts of its content (locales, facts) a product still needs, and which are worth another try.

Selecting asks it before a batch, settling after it.
"""

from collections.abc import Iterable

from shared.config.settings import Settings
from shared.content.content_records import Candidate, TryState
from shared.content.planning import plan_content
from shared.content.product_facts import FACTS_KEY
from shared.domain.content_plan import Depth
from shared.domain.outcome import Outcome
from shared.domain.product import Product
from shared.persistence.content_repository import ContentState

# The same words meet the same filter: once more, since sampling varies, and no oftener.
_TRIES_OF_STOPPED = 2
_STOPPED = (Outcome.REFUSED, Outcome.CONTENT_FILTERED)


def needed_parts(locales: Iterable[str], product: Product, content_state: ContentState) -> tuple[str, ...]:
    """The product's facts and those of `locales` that are not served, or were made from other facts.

    Facts come with any choice of locales: a product is not complete without them.
    """
    parts = (FACTS_KEY, *locales)
    return tuple(part for part in parts if content_state.published.get(part) != product.content_hash)


def tries_of(content_state: ContentState, product: Product, part: str) -> int:
    """How often a part has failed in a row on the facts of now."""
    candidate = failed_candidate(content_state, product, part)
    return candidate.attempts if candidate else 0


def worth_a_try(settings: Settings, product: Product, content_state: ContentState, part: str) -> bool:
    """Whether a needed part may be asked for again."""
    candidate = failed_candidate(content_state, product, part)
    if candidate is None:
        return True
    most = settings.max_attempts
    if candidate.outcome in _STOPPED:
        most = min(most, _TRIES_OF_STOPPED)
    if candidate.outcome == Outcome.TRUNCATED and candidate.had_higher_cap:
        return False
    return candidate.attempts < most


def askable_parts(
    settings: Settings, locales: Iterable[str], product: Product, content_state: ContentState
) -> tuple[str, ...]:
    """What the product needs of its facts and `locales`, and what may be asked for now."""
    needed = needed_parts(locales, product, content_state)
    return tuple(part for part in needed if worth_a_try(settings, product, content_state, part))


def refusal_of_thin_record(settings: Settings, product: Product) -> str | None:
    """Why no text is asked for a product whose record says next to nothing; None where one may be."""
    if settings.thin_records == "write":
        return None
    plan = plan_content(product)
    if plan.depth != Depth.MINIMAL:
        return None
    return (
        f"The record is too thin to write about: {plan.facts} facts besides name, brand and category, and "
        "THIN_RECORDS=refuse wants two. Import the product with a description or specs."
    )


def failed_candidate(content_state: ContentState, product: Product, part: str) -> Candidate | None:
    """The part's latest try, where it failed on the facts of now: the next request learns from it."""
    candidate = content_state.candidates.get(part)
    if candidate is None or candidate.state != TryState.FAILED:
        return None
    return candidate if candidate.content_hash == product.content_hash else None


def standing(locales: Iterable[str], product: Product, content_state: ContentState) -> dict[str, str]:
    """By part `stored`, or the outcome of a latest try that failed; parts not asked for are absent."""
    stands: dict[str, str] = {}
    for part in (FACTS_KEY, *locales):
        failed = failed_candidate(content_state, product, part)
        if content_state.published.get(part) == product.content_hash:
            stands[part] = str(Outcome.STORED)
        elif failed is not None:
            stands[part] = str(failed.outcome)
    return stands
