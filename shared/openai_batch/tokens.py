"""Token counts as the service counts them (`o200k_base`, shipped in the wheel: nothing is downloaded)."""

from functools import lru_cache

import orjson
import quicktok

from shared.content.prompts import system_prompt
from shared.content.response_schema import response_format

# Every message costs a few tokens of framing; 4 each and 3 for the answer's start.
_FRAMING = 11


def count(text: str) -> int:
    """Tokens of `text`."""
    return int(_encoding().count(text))


def request_tokens(locales: tuple[str, ...], user_message: str) -> int:
    """Input tokens of a request: its schema and system message, counted once a group, and the rest."""
    return _constant_tokens(locales) + count(user_message)


@lru_cache(maxsize=64)
def _constant_tokens(locales: tuple[str, ...]) -> int:
    schema = orjson.dumps(response_format(locales)["json_schema"]["schema"]).decode()
    return count(system_prompt()) + count(schema) + _FRAMING


@lru_cache(maxsize=1)
def _encoding() -> "quicktok.Tokenizer":
    return quicktok.get_encoding("o200k_base")
