"""What every HTTP trigger shares: the API key, JSON answers, and errors that a person can read."""

import functools
import hmac
import inspect
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import azure.functions as func
import orjson

from shared.errors import AppError, InvalidRequest, Unauthorized
from shared.settings import get_settings

KEY_HEADER = "X-API-Key"


@dataclass(frozen=True)
class Reply:
    """A JSON answer."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def endpoint(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Make a handler that returns a `Reply` an HTTP function behind the API key."""
    return _wrapped(handler, needs_key=True)


def open_endpoint(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Like `endpoint`, without a key: only for what holds nothing of the shop's."""
    return _wrapped(handler, needs_key=False)


def accepted(body: dict[str, Any], location: str) -> Reply:
    """202 with our own Location; Durable's management URLs carry a key and never leave the app."""
    return Reply({**body, "location": location}, 202, {"Location": location})


def int_parameter(req: func.HttpRequest, name: str, default: int, lowest: int, highest: int) -> int:
    """An integer query parameter.

    Raises:
        InvalidRequest: naming the parameter and its bounds.
    """
    text = req.params.get(name)
    if text is None:
        return default
    value = int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdigit() else None
    if value is None or not lowest <= value <= highest:
        raise InvalidRequest(
            f"{name} must be a whole number from {lowest} to {highest}.",
            parameter=name,
            minimum=lowest,
            maximum=highest,
        )
    return value


def _wrapped(handler: Callable[..., Any], needs_key: bool) -> Callable[..., Any]:
    def answer_error(error: Exception) -> func.HttpResponse:
        if isinstance(error, AppError):
            return _error(error.status, error.code, error.message, error.details)
        correlation_id = uuid.uuid4().hex
        logging.exception("unexpected error %s in %s", correlation_id, handler.__name__, exc_info=error)
        return _error(
            500,
            "internal_error",
            "Something went wrong on our side; the log has it under this correlation id.",
            {"correlation_id": correlation_id},
        )

    # The Functions worker hands over bindings by keyword, the request as `req`.
    @functools.wraps(handler)
    def call(req: func.HttpRequest, **bindings: Any) -> func.HttpResponse:
        try:
            if needs_key:
                _check_key(req)
            return _response(handler(req, **bindings))
        except Exception as error:  # noqa: BLE001 - the last line before the caller
            return answer_error(error)

    @functools.wraps(handler)
    async def call_async(req: func.HttpRequest, **bindings: Any) -> func.HttpResponse:
        try:
            if needs_key:
                _check_key(req)
            return _response(await handler(req, **bindings))
        except Exception as error:  # noqa: BLE001 - the last line before the caller
            return answer_error(error)

    return call_async if inspect.iscoroutinefunction(handler) else call


def _check_key(req: func.HttpRequest) -> None:
    settings = get_settings()
    if not settings.api_keys and settings.allow_no_api_key:
        return
    given = (req.headers.get(KEY_HEADER) or "").encode()
    # Every key is compared, in constant time: the answer's delay tells nothing.
    matches = [hmac.compare_digest(given, key.encode()) for key in settings.api_keys]
    if not any(matches):
        raise Unauthorized(f"Send one of the configured API keys in the header {KEY_HEADER}.")


def _response(reply: Reply) -> func.HttpResponse:
    return func.HttpResponse(
        orjson.dumps(reply.body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE),
        status_code=reply.status,
        headers=dict(reply.headers),
        mimetype="application/json",
    )


def _error(status: int, code: str, message: str, details: Mapping[str, Any]) -> func.HttpResponse:
    return _response(Reply({"error": {"code": code, "message": message, "details": dict(details)}}, status))
