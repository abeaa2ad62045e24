"""Request lines: one product and a group of locales a line, as Azure's batch input file wants them."""

from dataclasses import dataclass

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
        chat = messages(product, locales)
        data += orjson.dumps(
            {
                "custom_id": sent.custom_id(group),
                "method": "POST",
                "url": settings.request_url,
                "body": {
                    "model": settings.azure_openai_deployment_name,
                    "messages": chat,
                    "response_format": response_format(locales),
                    "max_tokens": settings.max_tokens,
                    "temperature": settings.temperature,
                },
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )
        tokens += request_tokens(locales, chat[-1]["content"])
    return RequestLines(bytes(data), len(sent.groups), tokens)
