"""What a request is about: its last user message, and the product in it."""

import json
from typing import Any

from local.openai_emulator import usage
from local.openai_emulator.answer_writer import Subject

_DECODER = json.JSONDecoder()


def find_subject(messages: Any) -> Subject:
    """The product of a request: the last JSON object in the text of the last user message."""
    text = last_user_text(messages)
    record: dict[str, Any] = {}
    start = text.find("{")
    while start >= 0:
        try:
            found, end = _DECODER.raw_decode(text, start)
        except json.JSONDecodeError:
            end = start + 1
        else:
            record = found
        start = text.find("{", end)
    key = record.get("id") or record.get("sku") or record.get("name") or ""
    return Subject(str(key), str(record.get("name") or ""), str(record.get("brand") or ""))


def last_user_text(messages: Any) -> str:
    """The text of the last user message."""
    chat = messages if isinstance(messages, list) else []
    users = [each for each in chat if isinstance(each, dict) and each.get("role") == "user"]
    return usage.text_of(users[-1]) if users else ""
