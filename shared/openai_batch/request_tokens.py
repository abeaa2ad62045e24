"""Counts the input tokens of a request as the service does."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from shared.content.response_schema import response_format
from shared.content.token_count import count_tokens
from shared.domain.content_plan import ContentPlan

__all__ = ["count_tokens", "request_tokens"]

# Each of the two messages costs 4 tokens of framing, and the start of the answer costs 3.
_FRAMING = 11


def request_tokens(
    locales: tuple[str, ...],
    plan: ContentPlan,
    messages: Sequence[Mapping[str, str]],
    facts: bool = False,
) -> int:
    """Return the input tokens of a request: schema and system message (cached counts), and user message."""
    system, user = (message["content"] for message in messages)
    schema = orjson.dumps(response_format(locales, plan, facts)["json_schema"]["schema"]).decode()
    return _constant_tokens(system) + _constant_tokens(schema) + _FRAMING + count_tokens(user)


def tokens_of_body(body: Mapping[str, Any]) -> int:
    """Return the input tokens of the body of a request line that this app built: the same count."""
    system, user = (message["content"] for message in body["messages"])
    schema = orjson.dumps(body["response_format"]["json_schema"]["schema"]).decode()
    return _constant_tokens(system) + _constant_tokens(schema) + _FRAMING + count_tokens(user)


@lru_cache(maxsize=1024)
def _constant_tokens(text: str) -> int:
    return count_tokens(text)
