"""HTTP operations: one decorator registers a handler with the app and with the OpenAPI document.

The decorated function checks the API key, and only then reads parameters and body, with the models that the
OpenAPI document shows. What a call sends and an operation does not read is refused. Responses are JSON.
Errors are `{"error": {"code", "message", "details"}}`.
"""

import asyncio
import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import azure.durable_functions as df
import azure.functions as func
from pydantic import BaseModel

from shared.config.settings_loader import get_settings
from triggers.api.api_keys import check_key
from triggers.api.call_audit import record_call
from triggers.api.json_body import refuse_body
from triggers.api.json_responses import JSON, error_response, json_bytes, secured
from triggers.api.request_validation import read_arguments, read_query, validated
from triggers.schemas.common_schemas import KEYLESS, Parameters, Scope

# Names of the optional parameters of a handler.
_QUERY, _ARGUMENTS = "query", "arguments"


@dataclass(frozen=True)
class Call:
    """An HTTP request, as a handler gets it."""

    request: func.HttpRequest
    path: Mapping[str, str]
    durable: df.DurableOrchestrationClient | None = None

    @property
    def client(self) -> df.DurableOrchestrationClient:
        """The Durable client.

        Raises:
            RuntimeError: when the operation was registered without `starts=True`.
        """
        if self.durable is None:
            raise RuntimeError("this operation was registered without starts=True: it has no Durable client")
        return self.durable

    def header(self, name: str) -> str | None:
        return cast(str | None, self.request.headers.get(name))


@dataclass(frozen=True)
class Reply:
    """What a handler returns: a model, sent as JSON, or bytes of the given media type."""

    body: BaseModel | bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON


@dataclass(frozen=True)
class Operation:
    """One operation, as the OpenAPI document describes it."""

    name: str
    method: str
    path: str
    scope: Scope
    summary: str
    description: str
    query: type[BaseModel] | None
    arguments: type[BaseModel] | None
    uploads: tuple[str, ...]
    responses: Mapping[int, type[BaseModel] | str]
    errors: tuple[int, ...]
    cached: bool

    @property
    def is_audited(self) -> bool:
        """Whether calls are recorded in the audit log: every operation that changes something is."""
        return self.scope in (Scope.OPERATE, Scope.WORK) and self.method != "GET"


# Every operation of the app, in registration order.
OPERATIONS: list[Operation] = []


def operation(
    bp: df.Blueprint,
    method: str,
    path: str,
    *,
    scope: Scope,
    responses: Mapping[int, type[BaseModel] | str],
    errors: tuple[int, ...] = (),
    uploads: tuple[str, ...] = (),
    starts: bool = False,
    cached: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a handler `(call[, query | arguments]) -> Reply`, sync or async.

    The model of `query` (query parameters) or `arguments` (from query and JSON body) is read from the
    handler's annotations. The first line of its docstring becomes the summary in the OpenAPI document, the
    rest becomes the description.

    Args:
        responses: by status, the model of the JSON or a media type.
        errors: error statuses beyond those that follow from the other arguments.
        uploads: media types of a raw request body.
        starts: give the handler a Durable client.
        cached: send an ETag, and 304 when `If-None-Match` names it.
    """

    def register(handler: Callable[..., Any]) -> Callable[..., Any]:
        annotations = inspect.get_annotations(handler)
        summary, _, description = (inspect.getdoc(handler) or "").partition("\n")
        described = Operation(
            name=handler.__name__,
            method=method,
            path=path,
            scope=scope,
            summary=summary.strip(),
            description=description.strip(),
            query=annotations.get(_QUERY),
            arguments=annotations.get(_ARGUMENTS),
            uploads=uploads,
            responses=responses,
            errors=errors,
            cached=cached,
        )
        OPERATIONS.append(described)
        function = _function(handler, described, starts)
        if starts:
            # The client binding must be added before the route.
            function = bp.durable_client_input(client_name="client")(function)
        return cast(Callable[..., Any], bp.route(path, methods=[method])(function))

    return register


def accepted(body: BaseModel, location: str) -> Reply:
    """Return 202 with the app's own Location. Durable's management URLs contain a key and are never sent."""
    return Reply(body, 202, {"Location": location})


def _function(handler: Callable[..., Any], described: Operation, starts: bool) -> Callable[..., Any]:
    """Wrap a handler in a function whose signature matches its bindings, as the Functions worker requires."""
    is_async = inspect.iscoroutinefunction(handler)

    async def call_async(req: func.HttpRequest, client: Any = None) -> func.HttpResponse:
        try:
            # In a thread: while one call's body is validated, others are answered.
            arguments = await asyncio.to_thread(_arguments, described, req, client)
            reply = await handler(**arguments)
            if described.is_audited:
                await asyncio.to_thread(record_call, described.name, req, reply.headers.get("Location", ""))
            return _response(reply, req if described.cached else None)
        except Exception as error:  # noqa: BLE001 - nothing above can handle it
            return error_response(error, described.name)

    def call(req: func.HttpRequest, client: Any = None) -> func.HttpResponse:
        try:
            reply = handler(**_arguments(described, req, client))
            if described.is_audited:
                record_call(described.name, req, reply.headers.get("Location", ""))
            return _response(reply, req if described.cached else None)
        except Exception as error:  # noqa: BLE001 - nothing above can handle it
            return error_response(error, described.name)

    function: Any = call_async if is_async else call
    function.__name__ = function.__qualname__ = handler.__name__
    function.__doc__ = handler.__doc__
    function.__module__ = handler.__module__
    # The worker rejects a parameter without a binding, and annotations that do not match the bindings.
    parameters = [inspect.Parameter("req", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    if starts:
        parameters.append(inspect.Parameter("client", inspect.Parameter.POSITIONAL_OR_KEYWORD))
    function.__signature__ = inspect.Signature(parameters)
    function.__annotations__ = {}
    return cast(Callable[..., Any], function)


def _arguments(described: Operation, req: func.HttpRequest, client: Any) -> dict[str, Any]:
    check_key(get_settings(), req, described.scope)
    arguments: dict[str, Any] = {"call": Call(req, req.route_params, client)}
    if described.arguments is not None:
        arguments[_ARGUMENTS] = read_arguments(described.arguments, req)
        return arguments
    if not described.uploads:
        refuse_body(req)
    if described.query is not None:
        arguments[_QUERY] = validated(described.query, read_query(described.query, req))
    elif described.scope not in KEYLESS:
        validated(Parameters, read_query(None, req))
    return arguments


def _response(reply: Reply, cached_for: func.HttpRequest | None) -> func.HttpResponse:
    body, headers = reply.body, dict(reply.headers)
    if isinstance(body, BaseModel):
        body = json_bytes(body.model_dump(mode="json", by_alias=True))
    if cached_for is not None:
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers |= {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Accept-Language"}
        # RFC 9110, section 13.1.2: `*` or a list of tags, compared without the weakness prefix.
        known = cached_for.headers.get("If-None-Match") or ""
        if "*" in known or etag in [tag.strip().removeprefix("W/") for tag in known.split(",")]:
            return func.HttpResponse(None, status_code=304, headers=secured(headers))
    return func.HttpResponse(
        body, status_code=reply.status, headers=secured(headers), mimetype=reply.media_type
    )
