"""JSON bodies of calls: small, one object, each field once."""

import json
from typing import Any

import azure.functions as func
import orjson

from shared.domain.errors import InvalidRequest, PayloadTooLarge

# A thousand product ids of the greatest length fit. Catalogue files have a limit of their own.
MAX_JSON_BYTES = 128 * 1024


def json_object(req: func.HttpRequest) -> dict[str, Any]:
    """Return the JSON object in a call's body; an empty body counts as `{}`.

    Raises:
        PayloadTooLarge: when the body is over `MAX_JSON_BYTES`.
        InvalidRequest: when the body is not JSON, is no object, or names a field twice.
    """
    body = limited(req)
    if not body.strip():
        return {}
    try:
        orjson.loads(body)
        # orjson refuses what is no RFC 8259 JSON or too deep. `json` sees a field that is there twice.
        value = json.loads(body, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"The body is not JSON: {str(error)[:200]}.") from None
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.")
    return value


def refuse_body(req: func.HttpRequest) -> None:
    """Check that a call that reads no body has none, apart from an empty object.

    Raises:
        InvalidRequest: when it has one. Ignoring it would ignore what the caller meant by it.
    """
    if (req.get_body() or b"").strip() not in (b"", b"{}"):
        raise InvalidRequest("This call reads no body. Send none.")


def limited(req: func.HttpRequest) -> bytes:
    """Return the body of a call.

    Raises:
        PayloadTooLarge: when it is over `MAX_JSON_BYTES`.
    """
    body: bytes = req.get_body() or b""
    if len(body) > MAX_JSON_BYTES:
        raise PayloadTooLarge(
            f"The body has {len(body)} bytes; the limit of a JSON body is {MAX_JSON_BYTES}. Send it in parts."
        )
    return body


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object names a field twice")
    return found
