"""Request lines: one product and a group of locales a line, as Azure's batch input file wants them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from shared.config.settings import Settings
from shared.content.families import family_of_product
from shared.content.product_facts import FACTS_KEY, locales_in
from shared.content.prompts import messages
from shared.content.response_schema import response_format
from shared.domain.outcome import ManifestLine
from shared.domain.product import Product
from shared.openai_batch.request_tokens import request_tokens

_HIGHER = 2


@dataclass(frozen=True)
class RequestLines:
    """The request lines of one product: their bytes (line ends included), and what they weigh at most."""

    data: bytes
    requests: int
    tokens: int
    most_output_tokens: int


def build_request_lines(settings: Settings, product: Product, sent: ManifestLine) -> RequestLines:
    """The lines that ask for `product` in each of the groups of `sent`."""
    data = bytearray()
    tokens = 0
    for group, parts in enumerate(sent.groups):
        locales, facts = locales_in(parts), FACTS_KEY in parts
        notes = {part: sent.notes[part] for part in parts if part in sent.notes}
        body = request_body(
            settings,
            settings.azure_openai_deployment_name,
            product,
            locales,
            notes,
            output_cap(settings, group in sent.higher_cap),
            facts,
        )
        line = {
            "custom_id": sent.custom_id(group),
            "method": "POST",
            "url": settings.request_url,
            "body": body,
        }
        data += orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        tokens += request_tokens(locales, body["messages"], facts, family_of_product(product))
    most = sum(output_cap(settings, group in sent.higher_cap) for group in range(len(sent.groups)))
    return RequestLines(bytes(data), len(sent.groups), tokens, most)


def output_cap(settings: Settings, higher: bool) -> int:
    """Output tokens that a request may use; an answer that was cut off gets twice as many, once."""
    return settings.max_tokens * (_HIGHER if higher else 1)


def request_body(
    settings: Settings,
    deployment: str,
    product: Product,
    locales: tuple[str, ...],
    notes: Mapping[str, str] | None = None,
    max_tokens: int | None = None,
    facts: bool = False,
) -> dict[str, Any]:
    """The chat completion that asks for `product` in `locales`: the same in a batch and online.

    `notes` say, by part, what was wrong with the answer before. With `facts` it asks for the product's
    locale-neutral facts too.
    """
    return {
        "model": deployment,
        "messages": messages(product, locales, notes),
        "response_format": response_format(locales, facts, family_of_product(product)),
        **_limits(settings, max_tokens or settings.max_tokens),
    }


def _limits(settings: Settings, most: int) -> dict[str, Any]:
    # Reasoning models refuse max_tokens, and any temperature but their own.
    if settings.model_kind == "reasoning":
        return {"max_completion_tokens": most}
    return {"max_tokens": most, "temperature": settings.temperature}
