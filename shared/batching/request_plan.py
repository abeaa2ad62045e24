"""How a product's parts share requests: what failed before changes how it is asked for again."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.batching.eligibility import failed_candidate, tries_of
from shared.config.settings import Settings
from shared.content.planning import plan_content
from shared.content.product_facts import FACTS_KEY, locales_in
from shared.content.prompts import prompt_label
from shared.content.worst_case_tokens import locales_that_fit
from shared.domain.content_plan import ContentPlan
from shared.domain.outcome import NEVER_RAN, ManifestLine, Outcome
from shared.domain.product import Product
from shared.persistence.content_repository import ContentState

# What a next request can learn from.
_TEACHES = (Outcome.INVALID_JSON, Outcome.SCHEMA_INVALID, Outcome.REJECTED)
_NOTE_LENGTH = 600


# Failures that say nothing of the answer: what failed so is asked for again together with the rest.
_NO_ANSWER = (*NEVER_RAN, Outcome.REQUEST_FAILED)


@dataclass(frozen=True)
class Groups:
    """Parts by request; which requests get a higher output cap; what to mend and the try, by part."""

    plan: ContentPlan
    groups: tuple[tuple[str, ...], ...]
    higher_cap: tuple[int, ...]
    notes: dict[str, str]
    attempts: dict[str, int]


def group_parts(
    settings: Settings, product: Product, content_state: ContentState, parts: Sequence[str]
) -> Groups:
    """Cut `parts` into requests, the first with the facts. A locale whose answer was bad asks alone.

    One that was cut off alone gets a higher cap.
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
    return Groups(
        plan=plan,
        groups=tuple(groups),
        higher_cap=tuple(higher_cap),
        notes={
            part: try_.reason[:_NOTE_LENGTH]
            for part, try_ in failed.items()
            if try_ and try_.outcome in _TEACHES
        },
        attempts={part: tries_of(content_state, product, part) + 1 for part in parts},
    )


def manifest_line(product: Product, asked: Groups, line: int) -> ManifestLine:
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
        plan=asked.plan,
    )
