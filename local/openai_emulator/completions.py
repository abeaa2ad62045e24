"""Answers one chat request: finds its product, writes content for its schema, builds Azure's response body.

The body has the shape of real result lines of 2025.
"""

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from local.openai_emulator import usage
from local.openai_emulator.answer_writer import DEFECTS, Subject, locales_of, write_json, write_text
from local.openai_emulator.chat_refusals import refusal_of_request, safe_results
from local.openai_emulator.config import Deployment

_LOCALE_IN_TEXT = re.compile(r"\b(?:en|es|fr|de|it|pt)-[A-Z]{2}\b")
_DECODER = json.JSONDecoder()
# Possible numbers of hidden reasoning tokens, which are billed but not returned.
_REASONING = (64, 128, 192, 256, 320)


@dataclass(frozen=True)
class Completion:
    """The result of a request: HTTP status, response body, and the data for the ledger."""

    status: int
    body: dict[str, Any]
    request_id: str
    product: str = ""
    locales: list[str] = field(default_factory=list)
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True)
class _Answer:
    """The model's answer. `tokens` includes the `reasoning` tokens."""

    finish_reason: str
    content: str | None
    refusal: str | None
    tokens: int
    reasoning: int


def find_subject(messages: Any) -> Subject:
    """The product of a request: the last JSON object in the text of the last user message."""
    chat = messages if isinstance(messages, list) else []
    users = [each for each in chat if isinstance(each, dict) and each.get("role") == "user"]
    text = usage.text_of(users[-1]) if users else ""
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
    quote = " ".join(str(record.get("description") or "").split()[:3]).rstrip(",.;:")
    return Subject(str(key), str(record.get("name") or ""), str(record.get("brand") or ""), quote)


def complete(
    body: dict[str, Any],
    deployment: Deployment,
    seed: str,
    created: int,
    effects: Mapping[str, Any],
    subject: Subject | None = None,
) -> Completion:
    """Answer a chat request as the service would, with the `effects` of the fault rules.

    For a request that the service refuses, the result has the error status and the error body. Nothing is
    raised.
    """
    rng = random.Random(f"{seed}:ids")  # noqa: S311 - seeded on purpose
    request_id = str(UUID(int=rng.getrandbits(128), version=4))
    refusal = refusal_of_request(body, deployment, effects)
    if refusal is not None:
        return Completion(*refusal, request_id)
    messages = body["messages"]
    subject = subject or find_subject(messages)
    schema, locale, written = _content(body, messages, subject, seed, effects)
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    reasoning = rng.choice(_REASONING) if deployment.reasons else 0
    answer = _limited(*_effects_on(written, effects), reasoning, limit)
    prompt = usage.prompt_tokens(body)
    return Completion(
        200,
        _response(rng, deployment, created, answer, prompt),
        request_id,
        subject.id,
        locales_of(schema, locale),
        prompt,
        answer.tokens,
    )


def _limited(
    finish_reason: str, content: str | None, refusal: str | None, reasoning: int, limit: int | None
) -> _Answer:
    # The last token means "stop", so an answer with `limit` tokens and no stop token has been cut off.
    tokens = reasoning + usage.count(content or refusal or "") + 1
    if limit is None or tokens <= limit:
        return _Answer(finish_reason, content, refusal, tokens, reasoning)
    left = max(limit - reasoning, 0)
    return _Answer("length", usage.cut(content or "", left), refusal, limit, min(reasoning, limit))


def _content(
    body: dict[str, Any], messages: Any, subject: Subject, seed: str, effects: Mapping[str, Any]
) -> tuple[Any, str, str]:
    locale = _locale_in(messages)
    defects = frozenset(name for name in DEFECTS if effects.get(name))
    response_format = body.get("response_format") or {}
    schema = (response_format.get("json_schema") or {}).get("schema")
    if schema is not None:
        return schema, locale, orjson.dumps(write_json(schema, subject, locale, seed, defects)).decode()
    text = write_text(subject, locale, seed, defects)
    if response_format.get("type") == "json_object":
        return None, locale, orjson.dumps({"name": subject.name, "text": text}).decode()
    return None, locale, text


def _locale_in(messages: Any) -> str:
    for message in reversed(messages):
        found = _LOCALE_IN_TEXT.search(usage.text_of(message))
        if found:
            return found[0]
    return "en-US"


def _effects_on(content: str, effects: Mapping[str, Any]) -> tuple[str, str | None, str | None]:
    """Finish reason, content and refusal, after the effects that do not change the status 200."""
    if effects.get("refusal"):
        return "stop", None, "I'm sorry, but I can't help with that. [emulated]"
    if effects.get("content_filter"):
        return "content_filter", content[: len(content) // 3], None
    if effects.get("finish_reason") == "length":
        return "length", content[: len(content) * 2 // 3], None
    if effects.get("broken_json"):
        return "stop", content[:-2] + ",", None
    return str(effects.get("finish_reason", "stop")), content, None


def _response(
    rng: random.Random,
    deployment: Deployment,
    created: int,
    answer: _Answer,
    prompt: int,
) -> dict[str, Any]:
    detected = {"filtered": False, "detected": False}
    results = safe_results() | {"protected_material_code": detected, "protected_material_text": detected}
    if answer.finish_reason == "content_filter":
        results["violence"] = {"filtered": True, "severity": "medium"}
    return {
        "id": f"chatcmpl-{rng.getrandbits(96):024x}",
        "object": "chat.completion",
        "created": created,
        "model": deployment.model,
        "system_fingerprint": "fp_emulated",
        "choices": [
            {
                "index": 0,
                "finish_reason": answer.finish_reason,
                "logprobs": None,
                "message": {
                    "role": "assistant",
                    "content": answer.content,
                    "refusal": answer.refusal,
                    "annotations": [],
                },
                "content_filter_results": results,
            }
        ],
        "prompt_filter_results": [
            {"prompt_index": 0, "content_filter_results": safe_results() | {"jailbreak": detected}}
        ],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": answer.tokens,
            "total_tokens": prompt + answer.tokens,
            "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": 0},
            "completion_tokens_details": {
                "accepted_prediction_tokens": 0,
                "audio_tokens": 0,
                "reasoning_tokens": answer.reasoning,
                "rejected_prediction_tokens": 0,
            },
        },
    }
