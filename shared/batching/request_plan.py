"""How a product's parts share requests: what failed before changes how it is asked for again."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.batching.eligibility import failed_attempts, failed_candidate
from shared.content.product_facts import FACTS_KEY, locales_in
from shared.content.prompts import prompt_label
from shared.domain.outcome import ManifestLine, Outcome
from shared.domain.product import Product
from shared.persistence.content_repository import ContentState

# What a next request can learn from.
_CORRECTABLE = (Outcome.INVALID_JSON, Outcome.SCHEMA_INVALID, Outcome.REJECTED)
_NOTE_LENGTH = 600


@dataclass(frozen=True)
class RequestGroups:
    """Parts by request; which requests get a higher output cap; what to mend and the try, by part."""

    groups: tuple[tuple[str, ...], ...]
    higher_cap: tuple[int, ...]
    notes: dict[str, str]
    attempts: dict[str, int]


def group_parts(
    product: Product, content_state: ContentState, parts: Sequence[str], size: int
) -> RequestGroups:
    """Cut `parts` into requests of `size` locales, the first with the facts; one that was cut off asks alone.

    One that was cut off alone gets a higher cap.
    """
    failed = {part: failed_candidate(content_state, product, part) for part in parts}
    locales = locales_in(parts)
    cut_off = [locale for locale in locales if (t := failed[locale]) and t.outcome == Outcome.TRUNCATED]
    others = [locale for locale in locales if locale not in cut_off]
    groups = [tuple(others[i : i + size]) for i in range(0, len(others), size)]
    higher_cap = []
    for locale in cut_off:
        candidate = failed[locale]
        if candidate is not None and candidate.request_locales == 1:
            higher_cap.append(len(groups))
        groups.append((locale,))
    if FACTS_KEY in parts:
        groups = [(FACTS_KEY, *groups[0]), *groups[1:]] if groups else [(FACTS_KEY,)]
    return RequestGroups(
        groups=tuple(groups),
        higher_cap=tuple(higher_cap),
        notes={
            part: try_.reason[:_NOTE_LENGTH]
            for part, try_ in failed.items()
            if try_ and try_.outcome in _CORRECTABLE
        },
        attempts={part: failed_attempts(content_state, product, part) + 1 for part in parts},
    )


def manifest_line(product: Product, asked: RequestGroups, line: int) -> ManifestLine:
    """What a batch sends for a product, as its manifest says it."""
    return ManifestLine(
        line=line,
        record=product.record(),
        content_hash=product.content_hash,
        prompt_version=prompt_label(product.product_id),
        groups=asked.groups,
        attempts=asked.attempts,
        higher_cap=asked.higher_cap,
        notes=asked.notes,
    )
