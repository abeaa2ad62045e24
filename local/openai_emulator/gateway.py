"""What happens around every call: key, api-version, journal, faults, and errors in Azure's format.

There are two API surfaces. v1 accepts no dated api-version; the dated surface requires one (source:
learn.microsoft.com, "Azure OpenAI in Microsoft Foundry Models API version lifecycle").
"""

import asyncio
import hmac
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web

from local.openai_emulator import refusals
from local.openai_emulator.emulator import Emulator
from local.openai_emulator.faults import On
from local.openai_emulator.refusals import Refusal

Effects = dict[str, Any]
Operation = Callable[[web.Request, Effects], Awaitable[web.StreamResponse]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_V1_VERSIONS = frozenset({"", "v1", "preview", "latest"})
DATED_VERSIONS = frozenset(
    {
        "2024-07-01-preview", "2024-08-01-preview", "2024-10-01-preview", "2024-10-21",
        "2024-12-01-preview", "2025-01-01-preview", "2025-02-01-preview", "2025-03-01-preview",
        "2025-04-01-preview",
    }
)  # fmt: skip
# Dated versions that apply the expiry of files; the others ignore it silently.
EXPIRY_VERSIONS = frozenset({"2025-03-01-preview", "2025-04-01-preview"})


class Gateway:
    """Wraps operations into handlers of one surface."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def handler(self, call: On, operation: Operation, dated: bool) -> Handler:
        """Returns a handler that runs `operation` with the checks, the journal and the faults around it."""

        async def handle(request: web.Request) -> web.StreamResponse:
            effects: Effects = {}
            try:
                self._check_access(request, dated)
                effects = self._emulator.faults.effects_for(call, await _facts(request))
            except Refusal as refusal:
                number = await self._enter(request, call, effects)
                response: web.StreamResponse = refused(refusal)
            else:
                number = await self._enter(request, call, effects)
                response = await self._carry_out(request, operation, effects)
            await asyncio.to_thread(self._emulator.journal.close, number, response.status)
            response.headers["apim-request-id"] = str(uuid.uuid4())
            response.headers["x-ms-region"] = "Emulated"
            return response

        return handle

    def _check_access(self, request: web.Request, dated: bool) -> None:
        version = request.query.get("api-version", "")
        if version not in (DATED_VERSIONS if dated else _V1_VERSIONS):
            raise Refusal(refusals.NO_RESOURCE)
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        given = request.headers.get("api-key") or bearer
        if not hmac.compare_digest(given.encode(), self._emulator.config.api_key.encode()):
            raise Refusal(refusals.NO_ACCESS)

    async def _enter(self, request: web.Request, call: On, effects: Effects) -> int:
        def enter() -> int:
            with self._emulator.store.transaction() as connection:
                self._emulator.faults.save(connection)
                return self._emulator.journal.enter(request.method, request.path_qs, call, effects)

        return await asyncio.to_thread(enter)

    async def _carry_out(
        self, request: web.Request, operation: Operation, effects: Effects
    ) -> web.StreamResponse:
        if "delay" in effects:
            await asyncio.sleep(effects["delay"])
        if effects.get("drop") == "before":
            return _cut(request)
        if "status" in effects:
            return _failing(effects)
        if not self._emulator.worker.alive:
            raise RuntimeError("the emulator's worker has died; its error is in the log")
        await asyncio.to_thread(self._emulator.catch_up)
        try:
            response = await operation(request, effects)
        except Refusal as refusal:
            response = refused(refusal)
        self._emulator.worker.wake()
        if "hang" in effects:
            await asyncio.sleep(effects["hang"])
        return _cut(request) if effects.get("drop") == "after" else response


@web.middleware
async def unknown_paths(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a path without a route as Azure does."""
    try:
        return await handler(request)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        return refused(Refusal(refusals.NO_RESOURCE))


def json_answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        body=orjson.dumps(body), status=status, headers=headers, content_type="application/json"
    )


def refused(refusal: Refusal) -> web.Response:
    return json_answer(refusal.body(), refusal.status)


async def json_body(request: web.Request) -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        Refusal: when it is not JSON, or not an object.
    """
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError as error:
        raise Refusal(refusals.INVALID_PAYLOAD, reason="The request body is not valid JSON.") from error
    if not isinstance(body, dict):
        raise Refusal(refusals.INVALID_PAYLOAD, reason="The request body must be a JSON object.")
    return body


def page(objects: list[dict[str, Any]], has_more: bool) -> dict[str, Any]:
    """A page of a list, in the API's format."""
    return {
        "object": "list",
        "data": objects,
        "first_id": objects[0]["id"] if objects else None,
        "last_id": objects[-1]["id"] if objects else None,
        "has_more": has_more,
    }


def limit_of(request: web.Request, default: int, maximum: int) -> int:
    """The requested page size.

    Raises:
        Refusal: when it is not between 1 and `maximum`.
    """
    given = request.query.get("limit", str(default))
    if not given.isdigit() or not 1 <= int(given) <= maximum:
        raise Refusal(refusals.INVALID_PAYLOAD, reason=f"limit must be between 1 and {maximum}.")
    return int(given)


async def _facts(request: web.Request) -> dict[str, str]:
    """The facts by which fault rules match a call."""
    facts = {"path": request.path_qs}
    if request.method == "POST" and request.content_type == "application/json" and request.can_read_body:
        body = await json_body(request)
        metadata = body.get("metadata")
        for key, value in metadata.items() if isinstance(metadata, dict) else ():
            facts[f"metadata.{key}"] = str(value)
        facts["deployment"] = str(body.get("model", ""))
    return facts


def _cut(request: web.Request) -> web.Response:
    """Cut the connection. The returned response is never sent; the journal records its status."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499)


def _failing(effects: Effects) -> web.Response:
    """The error response of a fault with a `status`."""
    status = effects["status"]
    retry_after = effects.get("retry_after")
    codes = {
        429: ("429", f"Rate limit is exceeded. Try again in {retry_after or 60} seconds."),
        408: ("Timeout", "The operation was timeout."),
        503: ("ServiceUnavailable", "The service is temporarily unable to process your request."),
    }
    code, message = codes.get(
        status, ("InternalServerError", "The server had an error while processing your request.")
    )
    error = {"code": effects.get("code", code), "message": effects.get("message", message)}
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return json_answer({"error": error}, status, headers)
