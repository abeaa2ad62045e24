"""Request lines: one product and a group of locales a line, as Azure's batch input file wants them."""

from dataclasses import dataclass
from typing import Any

import orjson

from shared.content.prompts import messages
from shared.content.response_schema import response_format
from shared.models.outcome import ManifestLine
from shared.models.product import Product
from shared.openai_batch.tokens import request_tokens
from shared.settings import Settings


@dataclass(frozen=True)
class RequestLines:
    """The request lines of one product: their bytes (line ends included) and what they weigh."""

    data: bytes
    requests: int
    tokens: int


def build_request_lines(settings: Settings, product: Product, sent: ManifestLine) -> RequestLines:
    """The lines that ask for `product` in each of the groups of `sent`."""
    data = bytearray()
    tokens = 0
    for group, locales in enumerate(sent.groups):
        body = request_body(settings, settings.azure_openai_deployment_name, product, locales)
        line = {
            "custom_id": sent.custom_id(group),
            "method": "POST",
            "url": settings.request_url,
            "body": body,
        }
        data += orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        tokens += request_tokens(locales, body["messages"][-1]["content"])
    return RequestLines(bytes(data), len(sent.groups), tokens)


def request_body(
    settings: Settings, deployment: str, product: Product, locales: tuple[str, ...]
) -> dict[str, Any]:
    """The chat completion that asks for `product` in `locales`: the same in a batch and online."""
    return {
        "model": deployment,
        "messages": messages(product, locales),
        "response_format": response_format(locales),
        "max_tokens": settings.max_tokens,
        "temperature": settings.temperature,
    }
