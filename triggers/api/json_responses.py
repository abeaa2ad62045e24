"""JSON bodies, and the responses of calls that fail."""

import json
import logging
import uuid
from collections.abc import Mapping
from typing import Any

import azure.functions as func
import orjson

from shared.domain.errors import AppError

JSON = "application/json"

# A Content-Security-Policy of a page's own replaces this one.
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def json_bytes(value: Any) -> bytes:
    """Return indented JSON with a newline at the end."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def secured(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers with those of every response: no guessing of media types, no framing."""
    return SECURITY_HEADERS | dict(headers)


def error_response(error: Exception, operation_name: str) -> func.HttpResponse:
    """Return the response for an exception.

    An `AppError` brings its own status and message. Any other exception is logged and becomes a 500 that
    names only a correlation id, because its text may contain internal data.
    """
    if isinstance(error, AppError):
        status, code, message, details = error.status, error.code, error.message, error.details
    else:
        correlation_id = uuid.uuid4().hex
        logging.error("unexpected error %s in %s", correlation_id, operation_name, exc_info=error)
        status, code, details = 500, "internal_error", {"correlation_id": correlation_id}
        message = "An internal error occurred. The app's log has the details under this correlation id."
    content = {"error": {"code": code, "message": message, "details": details}}
    try:
        body = json_bytes(content)
    except orjson.JSONEncodeError:
        # A name from the caller that is no Unicode text, such as half of a surrogate pair.
        body = json.dumps(content).encode()
    return func.HttpResponse(body, status_code=status, mimetype=JSON, headers=SECURITY_HEADERS)
