"""Which parts of its content a product still needs, and which of them may be requested again.

A part is a locale, or the product's facts. Selecting products uses this before a batch, settling after it.
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

# The same prompt meets the same filter. Sampling varies, so one more attempt is made, and no further one.
_MAX_ATTEMPTS_FILTERED = 2
_FILTERED = (Outcome.REFUSED, Outcome.CONTENT_FILTERED)


def needed_parts(locales: Iterable[str], product: Product, content_state: ContentState) -> tuple[str, ...]:
    """The parts that are not published, or were generated from other catalogue facts than the current ones.

    The product's facts are included whatever `locales` says: a product is not complete without them.
    """
    parts = (FACTS_KEY, *locales)
    return tuple(part for part in parts if content_state.published.get(part) != product.content_hash)


def failed_attempts(content_state: ContentState, product: Product, part: str) -> int:
    """How often a part has failed in a row with the current catalogue facts."""
    candidate = failed_candidate(content_state, product, part)
    return candidate.attempts if candidate else 0


def may_be_retried(settings: Settings, product: Product, content_state: ContentState, part: str) -> bool:
    """Whether a needed part may be requested again."""
    candidate = failed_candidate(content_state, product, part)
    if candidate is None:
        return True
    max_attempts = settings.max_attempts
    if candidate.outcome in _FILTERED:
        max_attempts = min(max_attempts, _MAX_ATTEMPTS_FILTERED)
    if candidate.outcome == Outcome.TRUNCATED and candidate.had_higher_cap:
        return False
    return candidate.attempts < max_attempts


def requestable_parts(
    settings: Settings, locales: Iterable[str], product: Product, content_state: ContentState
) -> tuple[str, ...]:
    """The needed parts (facts and `locales`) that may be requested now."""
    needed = needed_parts(locales, product, content_state)
    return tuple(part for part in needed if may_be_retried(settings, product, content_state, part))


def refusal_of_thin_record(settings: Settings, product: Product) -> str | None:
    """Why no text is requested for a product with too thin a record; None when one may be."""
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
    """The part's latest attempt, if it failed with the current catalogue facts.

    The next request uses its reason.
    """
    candidate = content_state.candidates.get(part)
    if candidate is None or candidate.state != TryState.FAILED:
        return None
    return candidate if candidate.content_hash == product.content_hash else None


def part_states(locales: Iterable[str], product: Product, content_state: ContentState) -> dict[str, str]:
    """The state of each part: `stored`, or the outcome of its latest attempt if that failed.

    Other parts are absent: they were not requested with the current catalogue facts.
    """
    states: dict[str, str] = {}
    for part in (FACTS_KEY, *locales):
        failed = failed_candidate(content_state, product, part)
        if content_state.published.get(part) == product.content_hash:
            states[part] = str(Outcome.STORED)
        elif failed is not None:
            states[part] = str(failed.outcome)
    return states
