"""How the parts of a product are grouped into requests, and how earlier failures change the next request."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.batching.eligibility import failed_attempts, failed_candidate
from shared.config.settings import Settings
from shared.content.planning import plan_content
from shared.content.product_facts import FACTS_KEY, locales_in
from shared.content.prompts import prompt_label
from shared.content.worst_case_tokens import locales_that_fit
from shared.domain.content_plan import ContentPlan
from shared.domain.outcome import NEVER_RAN, ManifestLine, Outcome
from shared.domain.product import Product
from shared.persistence.content_repository import ContentState

# Failures whose reason is sent with the next request, so that the model can correct itself.
_CORRECTABLE = (Outcome.INVALID_JSON, Outcome.SCHEMA_INVALID, Outcome.REJECTED)
_NOTE_LENGTH = 600


# Failures that say nothing of the answer: what failed so is asked for again together with the rest.
_NO_ANSWER = (*NEVER_RAN, Outcome.REQUEST_FAILED)


@dataclass(frozen=True)
class RequestGroups:
    """The requests of one product.

    `groups` holds the parts of each request. `higher_cap` holds the positions of the groups that get a higher
    output cap. `notes` holds what to correct, and `attempts` the number of this attempt, both by part.
    """

    plan: ContentPlan
    groups: tuple[tuple[str, ...], ...]
    higher_cap: tuple[int, ...]
    notes: dict[str, str]
    attempts: dict[str, int]


def group_parts(
    settings: Settings, product: Product, content_state: ContentState, parts: Sequence[str]
) -> RequestGroups:
    """Group `parts` into requests, the facts in the first. A locale whose answer was bad gets its own.

    The output cap is raised for a locale that was cut off in a request of its own.
    """
    plan = plan_content(product, settings.category_families)
    failed = {part: failed_candidate(content_state, product, part) for part in parts}
    locales = locales_in(parts)
    alone = [locale for locale in locales if (t := failed[locale]) and t.outcome not in _NO_ANSWER]
    others = [locale for locale in locales if locale not in alone]
    size = settings.locales_per_request or locales_that_fit(others, plan, settings.max_tokens)
    groups = [tuple(others[i : i + size]) for i in range(0, len(others), size)]
    higher_cap = []
    for locale in alone:
        candidate = failed[locale]
        if candidate and candidate.outcome == Outcome.TRUNCATED and candidate.request_locales == 1:
            higher_cap.append(len(groups))
        groups.append((locale,))
    if FACTS_KEY in parts:
        groups = [(FACTS_KEY, *groups[0]), *groups[1:]] if groups else [(FACTS_KEY,)]
    return RequestGroups(
        plan=plan,
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
        plan=requests.plan,
    )
