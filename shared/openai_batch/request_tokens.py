"""Counts the input tokens of a request as the service does."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from shared.content.families import Family
from shared.content.response_schema import response_format
from shared.content.token_count import count_tokens

__all__ = ["count_tokens", "request_tokens"]

# Each of the two messages costs 4 tokens of framing, and the start of the answer costs 3.
_FRAMING = 11


def request_tokens(
    locales: tuple[str, ...],
    messages: Sequence[Mapping[str, str]],
    facts: bool = False,
    family: Family = Family.OTHER,
) -> int:
    """Return the input tokens of a request: schema, system message (both cached) and user message."""
    system, user = (message["content"] for message in messages)
    return _constant_tokens(system, locales, facts, family) + count_tokens(user)


def tokens_of_body(body: Mapping[str, Any]) -> int:
    """Return the input tokens of the body of a request line that this app built: the same count."""
    system, user = (message["content"] for message in body["messages"])
    return _tokens_of(system, body["response_format"]) + count_tokens(user)


@lru_cache(maxsize=256)
def _constant_tokens(system: str, locales: tuple[str, ...], facts: bool, family: Family) -> int:
    return _tokens_of(system, response_format(locales, facts, family))


def _tokens_of(system: str, format_: Mapping[str, Any]) -> int:
    schema = orjson.dumps(format_["json_schema"]["schema"]).decode()
    return count_tokens(system) + count_tokens(schema) + _FRAMING
