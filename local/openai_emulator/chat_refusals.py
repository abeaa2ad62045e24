"""The refusals of chat requests and their error bodies. They are the same online and in a batch.

Sources: OpenAI API reference (parameters of reasoning models), learn.microsoft.com "Structured outputs" and
"Content filtering" (the shape of a filtered prompt).
"""

from collections.abc import Mapping
from typing import Any

import orjson

from local.openai_emulator.config import Deployment
from local.openai_emulator.strict_schema import refusal_of

_FORMATS = ("text", "json_object", "json_schema")
_CATEGORIES = ("hate", "self_harm", "sexual", "violence")
# The default error codes of the statuses that a fault can set.
_CODES = {408: "timeout", 429: "429", 503: "service_unavailable"}

StatusAndBody = tuple[int, dict[str, Any]]


def refusal_of_request(
    body: dict[str, Any], deployment: Deployment, effects: Mapping[str, Any]
) -> StatusAndBody | None:
    """The status and error body with which a request is refused, or None when it is answered."""
    if "status" in effects:
        status = int(effects["status"])
        message = effects.get("message", "The server had an error while processing your request.")
        code = effects.get("code", _CODES.get(status, "internal_server_error"))
        return status, _error(code, message, None)
    if effects.get("prompt_filter"):
        return 400, _filtered()
    if not isinstance(body.get("messages"), list) or not body["messages"]:
        return 400, _error(None, "Missing required parameter: 'messages'.", "messages")
    if body.get("stream") or body.get("n", 1) != 1:
        # Azure would answer these. A refusal is better than an answer in an unexpected shape.
        message = "The emulator answers with one choice, and not as a stream."
        return 400, _error("unsupported_value", message, "stream" if body.get("stream") else "n")
    return _parameter_refusal(body, deployment) or _format_refusal(body.get("response_format"))


def safe_results() -> dict[str, Any]:
    """The results of a content filter that found nothing."""
    return {name: {"filtered": False, "severity": "safe"} for name in _CATEGORIES}


def _parameter_refusal(body: dict[str, Any], deployment: Deployment) -> StatusAndBody | None:
    if not deployment.reasons:
        return None
    if "max_tokens" in body:
        message = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead."
        )
        return 400, _error("unsupported_parameter", message, "max_tokens")
    if body.get("temperature", 1) != 1:
        message = (
            f"Unsupported value: 'temperature' does not support {body['temperature']} with this model. "
            "Only the default (1) value is supported."
        )
        return 400, _error("unsupported_value", message, "temperature")
    return None


def _format_refusal(response_format: Any) -> StatusAndBody | None:
    if response_format is None:
        return None
    if not isinstance(response_format, dict) or response_format.get("type") not in _FORMATS:
        return 400, _error(None, "Invalid value for 'response_format'.", "response_format")
    if response_format["type"] != "json_schema":
        return None
    wanted = response_format.get("json_schema")
    if not isinstance(wanted, dict) or not isinstance(wanted.get("schema"), dict):
        message = "Missing required parameter: 'response_format.json_schema'."
        return 400, _error(None, message, "response_format")
    reason = refusal_of(orjson.dumps(wanted["schema"])) if wanted.get("strict") else None
    if reason is None:
        return None
    message = f"Invalid schema for response_format '{wanted.get('name')}': {reason}"
    return 400, _error(None, message, "response_format")


def _error(code: str | None, message: str, param: str | None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def _filtered() -> dict[str, Any]:
    error = _error(
        "content_filter",
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. "
        "Please modify your prompt and retry. To learn more about our content filtering policies please read "
        "our documentation: https://go.microsoft.com/fwlink/?linkid=2198766",
        "prompt",
    )
    results = safe_results() | {"violence": {"filtered": True, "severity": "medium"}}
    error["error"] |= {
        "type": None,
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": results},
    }
    return error
