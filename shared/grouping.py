"""How a product's locales share requests: what failed before changes how it is asked for again."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.content.prompts import PROMPT_VERSION
from shared.models.outcome import ManifestLine, Outcome
from shared.models.product import Product
from shared.needs import failed_candidate, tries_of
from shared.storage.contents import Ledger

# What a next request can learn from: our own words about the answer, never the answer's.
_TEACHES = (Outcome.INVALID_JSON, Outcome.SCHEMA_INVALID)
_NOTE_LENGTH = 300


@dataclass(frozen=True)
class Groups:
    """Locales by request; which requests get a higher output cap; what to mend and the try, by locale."""

    groups: tuple[tuple[str, ...], ...]
    higher_cap: tuple[int, ...]
    notes: dict[str, str]
    attempts: dict[str, int]


def group_locales(product: Product, ledger: Ledger, locales: Sequence[str], size: int) -> Groups:
    """Cut `locales` into requests of `size`; a locale that was cut off asks alone.

    One that was cut off alone gets a higher cap.
    """
    failed = {locale: failed_candidate(ledger, product, locale) for locale in locales}
    cut_off = [locale for locale, try_ in failed.items() if try_ and try_.outcome == Outcome.TRUNCATED]
    others = [locale for locale in locales if locale not in cut_off]
    groups = [tuple(others[i : i + size]) for i in range(0, len(others), size)]
    higher_cap = []
    for locale in cut_off:
        candidate = failed[locale]
        if candidate is not None and candidate.request_locales == 1:
            higher_cap.append(len(groups))
        groups.append((locale,))
    return Groups(
        groups=tuple(groups),
        higher_cap=tuple(higher_cap),
        notes={
            locale: try_.reason[:_NOTE_LENGTH]
            for locale, try_ in failed.items()
            if try_ and try_.outcome in _TEACHES
        },
        attempts={locale: tries_of(ledger, product, locale) + 1 for locale in locales},
    )


def manifest_line(product: Product, asked: Groups, line: int) -> ManifestLine:
    """What a batch sends for a product, as its manifest says it."""
    return ManifestLine(
        line=line,
        product_id=product.product_id,
        category=product.category,
        content_hash=product.content_hash,
        prompt_version=PROMPT_VERSION,
        groups=asked.groups,
        attempts=asked.attempts,
        higher_cap=asked.higher_cap,
        notes=asked.notes,
    )
