"""Request lines: one product and a group of locales a line, as Azure's batch input file wants them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from shared.config.settings import Settings
from shared.content.planning import plan_content
from shared.content.product_facts import FACTS_KEY, locales_in
from shared.content.prompts import messages
from shared.content.response_schema import response_format
from shared.content.worst_case_tokens import usual_tokens, worst_case_tokens
from shared.domain.content_plan import ContentPlan
from shared.domain.outcome import ManifestLine
from shared.domain.product import Product
from shared.openai_batch.request_tokens import request_tokens

_HIGHER = 2
# A model may lay out its JSON with spaces and line breaks, which the longest valid answer does not count.
_LAYOUT = 1.15


@dataclass(frozen=True)
class RequestLines:
    """The request lines of one product: their bytes (line ends included), and what they weigh at most."""

    data: bytes
    requests: int
    tokens: int
    usual_output_tokens: int
    most_output_tokens: int


def build_request_lines(settings: Settings, product: Product, sent: ManifestLine) -> RequestLines:
    """The lines that ask for `product` in each of the groups of `sent`."""
    data = bytearray()
    tokens = usual = most = 0
    plan = sent.plan or plan_content(product, settings.category_families)
    for group, parts in enumerate(sent.groups):
        locales, facts = locales_in(parts), FACTS_KEY in parts
        notes = {part: sent.notes[part] for part in parts if part in sent.notes}
        cap = output_cap(settings, plan, locales, facts, higher=group in sent.higher_cap)
        deployment = settings.azure_openai_deployment_name
        body = request_body(settings, deployment, product, plan, locales, notes, facts, cap)
        line = {
            "custom_id": sent.custom_id(group),
            "method": "POST",
            "url": settings.request_url,
            "body": body,
        }
        data += orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        tokens += request_tokens(locales, plan, body["messages"], facts)
        usual += usual_tokens(locales, plan, facts)
        most += cap
    return RequestLines(bytes(data), len(sent.groups), tokens, usual, most)


def output_cap(
    settings: Settings, plan: ContentPlan, locales: tuple[str, ...], facts: bool, *, higher: bool = False
) -> int:
    """Output tokens that a request may use; an answer that was cut off gets twice as many, once.

    A longer answer than the longest valid one would be refused, so it is not paid for either. How long a
    reasoning model thinks does not follow from the plan.
    """
    most = settings.max_tokens
    if settings.model_kind == "chat":
        most = min(most, round(worst_case_tokens(locales, plan, facts) * _LAYOUT))
    return most * (_HIGHER if higher else 1)


def request_body(
    settings: Settings,
    deployment: str,
    product: Product,
    plan: ContentPlan,
    locales: tuple[str, ...],
    notes: Mapping[str, str] | None = None,
    facts: bool = False,
    max_tokens: int | None = None,
) -> dict[str, Any]:
    """The chat completion that asks for `product` in `locales`: the same in a batch and online.

    `plan` says what is asked for in each locale, and `notes`, by part, what was wrong with the answer before.
    With `facts` it asks for the product's locale-neutral facts too.
    """
    return {
        "model": deployment,
        "messages": messages(product, locales, notes),
        "response_format": response_format(locales, plan, facts),
        **_limits(settings, max_tokens or output_cap(settings, plan, locales, facts)),
    }


def _limits(settings: Settings, most: int) -> dict[str, Any]:
    # Reasoning models refuse max_tokens, and any temperature but their own.
    if settings.model_kind == "reasoning":
        return {"max_completion_tokens": most}
    return {"max_tokens": most, "temperature": settings.temperature}
