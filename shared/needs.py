"""Which locales a product still needs, and which of them are worth another try.

Selecting asks it before a batch, settling after it.
"""

from collections.abc import Iterable

from shared.models.content import Candidate, LocaleState
from shared.models.outcome import Outcome
from shared.models.product import Product
from shared.settings import Settings
from shared.storage.contents import Ledger

# The same words meet the same filter: once more, since sampling varies, and no oftener.
_TRIES_OF_STOPPED = 2
_STOPPED = (Outcome.REFUSED, Outcome.CONTENT_FILTERED)


def needed_locales(locales: Iterable[str], product: Product, ledger: Ledger) -> tuple[str, ...]:
    """The locales without published content, or with content written from facts that have changed."""
    return tuple(locale for locale in locales if ledger.published.get(locale) != product.content_hash)


def tries_of(ledger: Ledger, product: Product, locale: str) -> int:
    """How often a locale has failed in a row on the facts of now."""
    candidate = failed_candidate(ledger, product, locale)
    return candidate.attempts if candidate else 0


def worth_a_try(settings: Settings, product: Product, ledger: Ledger, locale: str) -> bool:
    """Whether a needed locale may be asked for again."""
    candidate = failed_candidate(ledger, product, locale)
    if candidate is None:
        return True
    most = settings.max_attempts
    if candidate.outcome in _STOPPED:
        most = min(most, _TRIES_OF_STOPPED)
    if candidate.outcome == Outcome.TRUNCATED and candidate.had_higher_cap:
        return False
    return candidate.attempts < most


def askable_locales(
    settings: Settings, locales: Iterable[str], product: Product, ledger: Ledger
) -> tuple[str, ...]:
    """Of `locales` those that the product needs and that may be asked for now."""
    needed = needed_locales(locales, product, ledger)
    return tuple(locale for locale in needed if worth_a_try(settings, product, ledger, locale))


def failed_candidate(ledger: Ledger, product: Product, locale: str) -> Candidate | None:
    """The locale's latest try, where it failed on the facts of now: the next request learns from it."""
    candidate = ledger.candidates.get(locale)
    if candidate is None or candidate.state != LocaleState.FAILED:
        return None
    return candidate if candidate.content_hash == product.content_hash else None


def standing(locales: Iterable[str], product: Product, ledger: Ledger) -> dict[str, str]:
    """By locale `stored`, or the outcome of a latest try that failed; locales not asked for are absent."""
    stands: dict[str, str] = {}
    for locale in locales:
        failed = failed_candidate(ledger, product, locale)
        if ledger.published.get(locale) == product.content_hash:
            stands[locale] = str(Outcome.STORED)
        elif failed is not None:
            stands[locale] = str(failed.outcome)
    return stands
