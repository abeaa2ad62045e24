"""What a request weighs in input tokens, as the service counts them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import orjson

from shared.content.response_schema import response_format
from shared.content.token_count import count_tokens
from shared.domain.content_plan import ContentPlan

__all__ = ["count_tokens", "request_tokens"]

# Every message costs a few tokens of framing; 4 each and 3 for the answer's start.
_FRAMING = 11


def request_tokens(
    locales: tuple[str, ...],
    plan: ContentPlan,
    messages: Sequence[Mapping[str, str]],
    facts: bool = False,
) -> int:
    """Input tokens of a request: its schema and system message, each counted once, and the rest."""
    system, user = (message["content"] for message in messages)
    schema = orjson.dumps(response_format(locales, plan, facts)["json_schema"]["schema"]).decode()
    return _constant_tokens(system) + _constant_tokens(schema) + _FRAMING + count_tokens(user)


@lru_cache(maxsize=1024)
def _constant_tokens(text: str) -> int:
    return count_tokens(text)
