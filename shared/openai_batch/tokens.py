"""What a request weighs in input tokens, as the service counts them."""

from functools import lru_cache

import orjson

from shared.content.families import Family
from shared.content.prompts import system_prompt
from shared.content.response_schema import response_format
from shared.content.token_count import count

__all__ = ["count", "request_tokens"]

# Every message costs a few tokens of framing; 4 each and 3 for the answer's start.
_FRAMING = 11


def request_tokens(
    locales: tuple[str, ...], user_message: str, facts: bool = False, family: Family = Family.OTHER
) -> int:
    """Input tokens of a request: its schema and system message, counted once a kind, and the rest."""
    return _constant_tokens(locales, facts, family) + count(user_message)


@lru_cache(maxsize=256)
def _constant_tokens(locales: tuple[str, ...], facts: bool, family: Family) -> int:
    schema = orjson.dumps(response_format(locales, facts, family)["json_schema"]["schema"]).decode()
    return count(system_prompt()) + count(schema) + _FRAMING
