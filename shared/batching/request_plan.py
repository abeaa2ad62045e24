"""How the parts of a product are grouped into requests, and how earlier failures change the next request."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.batching.eligibility import failed_attempts, failed_candidate
from shared.content.product_facts import FACTS_KEY, locales_in
from shared.content.prompts import prompt_label
from shared.domain.outcome import ManifestLine, Outcome
from shared.domain.product import Product
from shared.persistence.content_repository import ContentState

# Failures whose reason is sent with the next request, so that the model can correct itself.
_CORRECTABLE = (Outcome.INVALID_JSON, Outcome.SCHEMA_INVALID, Outcome.REJECTED)
_NOTE_LENGTH = 600


@dataclass(frozen=True)
class RequestGroups:
    """The requests of one product.

    `groups` holds the parts of each request. `higher_cap` holds the positions of the groups that get a higher
    output cap. `notes` holds what to correct, and `attempts` the number of this attempt, both by part.
    """

    groups: tuple[tuple[str, ...], ...]
    higher_cap: tuple[int, ...]
    notes: dict[str, str]
    attempts: dict[str, int]


def group_parts(
    product: Product, content_state: ContentState, parts: Sequence[str], size: int
) -> RequestGroups:
    """Group `parts` into requests of up to `size` locales. The facts go into the first request.

    A locale whose answer was cut off gets a request of its own. If it had one already, its output cap is
    raised.
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
            part: candidate.reason[:_NOTE_LENGTH]
            for part, candidate in failed.items()
            if candidate and candidate.outcome in _CORRECTABLE
        },
        attempts={part: failed_attempts(content_state, product, part) + 1 for part in parts},
    )


def manifest_line(product: Product, requests: RequestGroups, line: int) -> ManifestLine:
    """The manifest's line number `line`: what the batch sends for a product."""
    return ManifestLine(
        line=line,
        record=product.record(),
        content_hash=product.content_hash,
        prompt_version=prompt_label(product.product_id),
        groups=requests.groups,
        attempts=requests.attempts,
        higher_cap=requests.higher_cap,
        notes=requests.notes,
    )
