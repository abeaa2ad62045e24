"""Real token counts, with the encoding of the gpt-4o and later families."""

from functools import lru_cache
from typing import Any

import orjson

from shared.content.token_count import count_tokens, encoding

# Tokens around each message, and at the start of the answer (OpenAI cookbook, "How to count tokens").
_PER_MESSAGE = 4
_OPENING = 3


def count(text: str) -> int:
    """The number of tokens of `text`. Strings of special tokens count as ordinary text."""
    return count_tokens(text)


def cut(text: str, tokens: int) -> str:
    """`text` cut after `tokens` tokens, without an incomplete character at its end."""
    return encoding().decode(encoding().encode_ordinary(text)[:tokens], errors="ignore")


@lru_cache(maxsize=64)
def schema_tokens(schema: bytes) -> int:
    """Tokens of a response schema, which the service adds before the system message."""
    return count(schema.decode())


def prompt_tokens(body: dict[str, Any]) -> int:
    """Input tokens of a chat request: its messages and its response schema."""
    messages = body.get("messages")
    total = _OPENING
    for message in messages if isinstance(messages, list) else []:
        total += _PER_MESSAGE + count(text_of(message))
    response_format = body.get("response_format")
    if isinstance(response_format, dict) and "json_schema" in response_format:
        total += schema_tokens(orjson.dumps(response_format["json_schema"]))
    return total


def text_of(message: Any) -> str:
    """The text of a chat message, whose content may be a string or a list of parts."""
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return ""
