"""What a request weighs in input tokens, as the service counts them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import orjson

from shared.content.families import Family
from shared.content.response_schema import response_format
from shared.content.token_count import count_tokens

__all__ = ["count_tokens", "request_tokens"]

# Every message costs a few tokens of framing; 4 each and 3 for the answer's start.
_FRAMING = 11


def request_tokens(
    locales: tuple[str, ...],
    messages: Sequence[Mapping[str, str]],
    facts: bool = False,
    family: Family = Family.OTHER,
) -> int:
    """Input tokens of a request: its schema and system message, counted once a kind, and the rest."""
    system, user = (message["content"] for message in messages)
    return _constant_tokens(system, locales, facts, family) + count_tokens(user)


@lru_cache(maxsize=256)
def _constant_tokens(system: str, locales: tuple[str, ...], facts: bool, family: Family) -> int:
    schema = orjson.dumps(response_format(locales, facts, family)["json_schema"]["schema"]).decode()
    return count_tokens(system) + count_tokens(schema) + _FRAMING
