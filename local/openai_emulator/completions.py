"""One chat request answered: the product found in it, content by its schema, and Azure's response body."""

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from local.openai_emulator import usage
from local.openai_emulator.answers import SINS, Subject, locales_of, write_json, write_text
from local.openai_emulator.config import Deployment
from local.openai_emulator.strict_schema import refusal_of

_LOCALE_IN_TEXT = re.compile(r"\b(?:en|es|fr|de|it|pt)-[A-Z]{2}\b")
_DECODER = json.JSONDecoder()
_CATEGORIES = ("hate", "self_harm", "sexual", "violence")


@dataclass(frozen=True)
class Completion:
    """What became of a request: an HTTP status, a response body, and what the ledger wants to know."""

    status: int
    body: dict[str, Any]
    request_id: str
    product: str = ""
    locales: list[str] = field(default_factory=list)
    prompt_tokens: int = 0
    completion_tokens: int = 0


def find_subject(messages: Any) -> Subject:
    """The product record: the last JSON object in the text of the last user message."""
    users = [each for each in messages if isinstance(each, dict) and each.get("role") == "user"]
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
    return Subject(str(key), str(record.get("name") or ""), str(record.get("brand") or ""))


def complete(
    body: dict[str, Any],
    deployment: Deployment,
    seed: str,
    created: int,
    effects: Mapping[str, Any],
    subject: Subject | None = None,
) -> Completion:
    """Answer a chat request the way the service would; `effects` are what the fault rules ask for.

    A request that the service refuses comes back with its status and error body: nothing is raised.
    """
    rng = random.Random(f"{seed}:ids")  # noqa: S311 - seeded on purpose
    request_id = str(UUID(int=rng.getrandbits(128), version=4))
    refusal = _refusal(body, deployment, effects)
    if refusal is not None:
        return Completion(*refusal, request_id)
    messages = body["messages"]
    subject = subject or find_subject(messages)
    schema, locale, written = _content(body, messages, subject, seed, effects)
    finish_reason, content, refused = _effects_on(written, effects)
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    tokens = usage.count(content or refused or "") + 1
    if limit is not None and tokens > limit:
        # The last token says "stop", so an answer of exactly `limit` tokens has been cut off.
        finish_reason, content, tokens = "length", usage.cut(content or "", limit), limit
    prompt = usage.prompt_tokens(body)
    return Completion(
        200,
        _response(rng, deployment, created, finish_reason, content, refused, (prompt, tokens)),
        request_id,
        subject.id,
        locales_of(schema, locale),
        prompt,
        tokens,
    )


def _content(
    body: dict[str, Any], messages: Any, subject: Subject, seed: str, effects: Mapping[str, Any]
) -> tuple[Any, str, str]:
    locale = _locale_in(messages)
    sins = frozenset(name for name in SINS if effects.get(name))
    response_format = body.get("response_format") or {}
    schema = (response_format.get("json_schema") or {}).get("schema")
    if schema is not None:
        return schema, locale, orjson.dumps(write_json(schema, subject, locale, seed, sins)).decode()
    text = write_text(subject, locale, seed, sins)
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
    """Finish reason, content and refusal after the faults that leave the status at 200."""
    if effects.get("refusal"):
        return "stop", None, "I'm sorry, but I can't help with that. [emulated]"
    if effects.get("content_filter"):
        return "content_filter", content[: len(content) // 3], None
    if effects.get("finish_reason") == "length":
        return "length", content[: len(content) * 2 // 3], None
    if effects.get("broken_json"):
        return "stop", content[:-2] + ",", None
    return str(effects.get("finish_reason", "stop")), content, None


def _refusal(
    body: dict[str, Any], deployment: Deployment, effects: Mapping[str, Any]
) -> tuple[int, dict[str, Any]] | None:
    if "status" in effects:
        status = int(effects["status"])
        code = {429: "429", 408: "timeout"}.get(status, "internal_server_error")
        return status, _error(code, "The server had an error while processing your request.", None)
    if effects.get("prompt_filter"):
        return 400, _filtered()
    if not isinstance(body.get("messages"), list) or not body["messages"]:
        return 400, _error(None, "Missing required parameter: 'messages'.", "messages")
    if deployment.reasons and "max_tokens" in body:
        said = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead."
        )
        return 400, _error("unsupported_parameter", said, "max_tokens")
    if deployment.reasons and body.get("temperature", 1) != 1:
        said = (
            "Unsupported value: 'temperature' does not support {} with this model. "
            "Only the default (1) value is supported."
        )
        return 400, _error("unsupported_value", said.format(body["temperature"]), "temperature")
    return _schema_refusal(body.get("response_format"))


def _schema_refusal(response_format: Any) -> tuple[int, dict[str, Any]] | None:
    if response_format is None:
        return None
    wanted = response_format.get("json_schema") if isinstance(response_format, dict) else None
    if not isinstance(response_format, dict) or response_format.get("type") not in (
        "text", "json_object", "json_schema",
    ):  # fmt: skip
        return 400, _error(None, "Invalid value for 'response_format'.", "response_format")
    if response_format["type"] != "json_schema":
        return None
    if not isinstance(wanted, dict) or not isinstance(wanted.get("schema"), dict):
        said = "Missing required parameter: 'response_format.json_schema'."
        return 400, _error(None, said, "response_format")
    reason = refusal_of(orjson.dumps(wanted["schema"])) if wanted.get("strict") else None
    if reason is None:
        return None
    said = f"Invalid schema for response_format '{wanted.get('name')}': {reason}"
    return 400, _error(None, said, "response_format")


def _error(code: str | None, message: str, param: str | None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def _filtered() -> dict[str, Any]:
    error = _error(
        "content_filter",
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. "
        "Please modify your prompt and retry.",
        "prompt",
    )
    results = _safe() | {"violence": {"filtered": True, "severity": "medium"}}
    error["error"] |= {
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": results},
    }
    return error


def _safe() -> dict[str, Any]:
    return {name: {"filtered": False, "severity": "safe"} for name in _CATEGORIES}


def _response(
    rng: random.Random,
    deployment: Deployment,
    created: int,
    finish_reason: str,
    content: str | None,
    refusal: str | None,
    tokens: tuple[int, int],
) -> dict[str, Any]:
    prompt, completion = tokens
    detected = {"filtered": False, "detected": False}
    results = _safe() | {"protected_material_code": detected, "protected_material_text": detected}
    if finish_reason == "content_filter":
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
                "finish_reason": finish_reason,
                "logprobs": None,
                "message": {"role": "assistant", "content": content, "refusal": refusal, "annotations": []},
                "content_filter_results": results,
            }
        ],
        "prompt_filter_results": [
            {"prompt_index": 0, "content_filter_results": _safe() | {"jailbreak": detected}}
        ],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": 0},
            "completion_tokens_details": {
                "accepted_prediction_tokens": 0,
                "audio_tokens": 0,
                "reasoning_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        },
    }
