"""Request lines of a batch input file: each line asks for one product in one group of locales."""

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

_HIGHER_CAP_FACTOR = 2
# A model may format its JSON with spaces and line breaks, which the longest valid answer does not count.
_FORMATTING = 1.15


@dataclass(frozen=True)
class RequestLines:
    """The request lines of one product.

    `data` are the lines with their line ends. `tokens` estimates the input tokens. `most_output_tokens` is
    the sum of the output caps.
    """

    data: bytes
    requests: int
    tokens: int
    usual_output_tokens: int
    most_output_tokens: int


def build_request_lines(settings: Settings, product: Product, manifest_line: ManifestLine) -> RequestLines:
    """Build one request line for each group of the product's manifest line."""
    data = bytearray()
    tokens = usual = most = 0
    plan = manifest_line.plan or plan_content(product, settings.category_families)
    for group, parts in enumerate(manifest_line.groups):
        locales, facts = locales_in(parts), FACTS_KEY in parts
        notes = {part: manifest_line.notes[part] for part in parts if part in manifest_line.notes}
        cap = output_cap(settings, plan, locales, facts, higher=group in manifest_line.higher_cap)
        deployment = settings.azure_openai_deployment_name
        body = request_body(settings, deployment, product, plan, locales, notes, facts, cap)
        line = {
            "custom_id": manifest_line.custom_id(group),
            "method": "POST",
            "url": settings.request_url,
            "body": body,
        }
        data += orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        tokens += request_tokens(locales, plan, body["messages"], facts)
        usual += usual_tokens(locales, plan, facts)
        most += cap
    return RequestLines(bytes(data), len(manifest_line.groups), tokens, usual, most)


def output_cap(
    settings: Settings, plan: ContentPlan, locales: tuple[str, ...], facts: bool, *, higher: bool = False
) -> int:
    """Return the most output tokens of a request. After a truncated answer the cap is doubled once.

    An answer longer than the longest valid one would be refused, so it is not paid for either. The length of
    a reasoning model's thoughts does not follow from the plan.
    """
    most = settings.max_tokens
    if settings.model_kind == "chat":
        most = min(most, round(worst_case_tokens(locales, plan, facts) * _FORMATTING))
    return most * (_HIGHER_CAP_FACTOR if higher else 1)


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
    """Build the chat completion that asks for `product` in `locales`, for batches and online calls alike.

    `plan` says what is requested in each locale. `notes` describe what was wrong with the previous answer, by
    part. With `facts` the request also asks for the product's locale-neutral facts.
    """
    return {
        "model": deployment,
        "messages": messages(product, locales, notes),
        "response_format": response_format(locales, plan, facts),
        **_limits(settings, max_tokens or output_cap(settings, plan, locales, facts)),
    }


def _limits(settings: Settings, max_tokens: int) -> dict[str, Any]:
    # Reasoning models refuse max_tokens, and every temperature except their default.
    if settings.model_kind == "reasoning":
        return {"max_completion_tokens": max_tokens}
    return {"max_tokens": max_tokens, "temperature": settings.temperature}
