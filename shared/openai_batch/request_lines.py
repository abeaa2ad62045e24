"""Request lines of a batch input file: each line asks for one product in one group of locales."""

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

_HIGHER_CAP_FACTOR = 2


@dataclass(frozen=True)
class RequestLines:
    """The request lines of one product.

    `data` are the lines with their line ends. `tokens` estimates the input tokens. `most_output_tokens` is
    the sum of the output caps.
    """

    data: bytes
    requests: int
    tokens: int
    most_output_tokens: int


def build_request_lines(settings: Settings, product: Product, manifest_line: ManifestLine) -> RequestLines:
    """Build one request line for each group of the product's manifest line."""
    data = bytearray()
    tokens = 0
    output_caps = [
        output_cap(settings, group in manifest_line.higher_cap) for group in range(len(manifest_line.groups))
    ]
    for group, parts in enumerate(manifest_line.groups):
        locales, facts = locales_in(parts), FACTS_KEY in parts
        notes = {part: manifest_line.notes[part] for part in parts if part in manifest_line.notes}
        body = request_body(
            settings,
            settings.azure_openai_deployment_name,
            product,
            locales,
            notes,
            output_caps[group],
            facts,
        )
        line = {
            "custom_id": manifest_line.custom_id(group),
            "method": "POST",
            "url": settings.request_url,
            "body": body,
        }
        data += orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        tokens += request_tokens(locales, body["messages"], facts, family_of_product(product))
    return RequestLines(bytes(data), len(manifest_line.groups), tokens, sum(output_caps))


def output_cap(settings: Settings, higher: bool) -> int:
    """Return the most output tokens of a request. After a truncated answer the cap is doubled once."""
    return settings.max_tokens * (_HIGHER_CAP_FACTOR if higher else 1)


def request_body(
    settings: Settings,
    deployment: str,
    product: Product,
    locales: tuple[str, ...],
    notes: Mapping[str, str] | None = None,
    max_tokens: int | None = None,
    facts: bool = False,
) -> dict[str, Any]:
    """Build the chat completion that asks for `product` in `locales`, for batches and online calls alike.

    `notes` describe what was wrong with the previous answer, by part. With `facts` the request also asks for
    the product's locale-neutral facts.
    """
    return {
        "model": deployment,
        "messages": messages(product, locales, notes),
        "response_format": response_format(locales, facts, family_of_product(product)),
        **_limits(settings, max_tokens or settings.max_tokens),
    }


def _limits(settings: Settings, max_tokens: int) -> dict[str, Any]:
    # Reasoning models refuse max_tokens, and every temperature except their default.
    if settings.model_kind == "reasoning":
        return {"max_completion_tokens": max_tokens}
    return {"max_tokens": max_tokens, "temperature": settings.temperature}
