"""HTTP operations: one decorator makes a handler a function of the app and an entry of its description.

The key is checked, parameters and body are validated by the models that the description shows, answers are
JSON, and errors are `{"error": {"code", "message", "details"}}`.
"""

import asyncio
import hashlib
import inspect
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import azure.durable_functions as df
import azure.functions as func
import orjson
from pydantic import BaseModel, ValidationError

from shared.config.settings_loader import get_settings
from shared.domain.errors import AppError, InvalidRequest
from triggers.api.api_keys import check_key
from triggers.api.call_audit import record_call
from triggers.schemas.common_schemas import Scope

JSON = "application/json"

# On a handler: which parameters it wants.
_QUERY, _BODY = "query", "body"


@dataclass(frozen=True)
class Call:
    """A request on its way to a handler."""

    request: func.HttpRequest
    path: Mapping[str, str]
    durable: df.DurableOrchestrationClient | None = None

    @property
    def client(self) -> df.DurableOrchestrationClient:
        """The Durable client of an operation that is registered with `starts=True`."""
        if self.durable is None:
            raise RuntimeError("this operation was registered without a Durable client")
        return self.durable

    def header(self, name: str) -> str | None:
        return cast(str | None, self.request.headers.get(name))


@dataclass(frozen=True)
class Reply:
    """An answer: a model (sent as JSON) or bytes of the given media type."""

    body: BaseModel | bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON


@dataclass(frozen=True)
class Operation:
    """What the API's description says of one operation."""

    name: str
    method: str
    path: str
    scope: Scope
    summary: str
    description: str
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    uploads: tuple[str, ...]
    answers: Mapping[int, type[BaseModel] | str]
    errors: tuple[int, ...]
    cached: bool

    @property
    def is_audited(self) -> bool:
        """Whether the activity says who called it: what changes something."""
        return self.scope == Scope.OPERATE and self.method != "GET"


# Every operation of the app, in the order of registration.
OPERATIONS: list[Operation] = []


def operation(
    bp: df.Blueprint,
    method: str,
    path: str,
    *,
    scope: Scope,
    answers: Mapping[int, type[BaseModel] | str],
    errors: tuple[int, ...] = (),
    uploads: tuple[str, ...] = (),
    starts: bool = False,
    cached: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a handler `(call[, query][, body]) -> Reply`, sync or async.

    `answers` maps a status to the model of its JSON, or to a media type; `uploads` are the media types of a
    raw body; `starts` gives the call a Durable client; `cached` gives answers an ETag, and 304 to a caller
    that has them already. The types of `query` and `body` are read from the
    handler's annotations, its summary and description from its docstring.
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
            body=annotations.get(_BODY),
            uploads=uploads,
            answers=answers,
            errors=errors,
            cached=cached,
        )
        OPERATIONS.append(described)
        function = _function(handler, described, starts)
        if starts:
            # Innermost, so that the route's function takes the client's binding.
            function = bp.durable_client_input(client_name="client")(function)
        return cast(Callable[..., Any], bp.route(path, methods=[method])(function))

    return register


def accepted(body: BaseModel, location: str) -> Reply:
    """202 with our own Location; Durable's management URLs carry a key and never leave the app."""
    return Reply(body, 202, {"Location": location})


def _function(handler: Callable[..., Any], described: Operation, starts: bool) -> Callable[..., Any]:
    """The handler with the signature that the Functions worker checks against the bindings."""
    is_async = inspect.iscoroutinefunction(handler)

    async def call_async(req: func.HttpRequest, client: Any = None) -> func.HttpResponse:
        try:
            reply = await handler(**_arguments(described, req, client))
            if described.is_audited:
                await asyncio.to_thread(record_call, described.name, req, reply.headers.get("Location", ""))
            return _response(reply, req if described.cached else None)
        except Exception as error:  # noqa: BLE001 - the last line before the caller
            return _error_response(error, described.name)

    def call(req: func.HttpRequest, client: Any = None) -> func.HttpResponse:
        try:
            reply = handler(**_arguments(described, req, client))
            if described.is_audited:
                record_call(described.name, req, reply.headers.get("Location", ""))
            return _response(reply, req if described.cached else None)
        except Exception as error:  # noqa: BLE001 - the last line before the caller
            return _error_response(error, described.name)

    function: Any = call_async if is_async else call
    function.__name__ = function.__qualname__ = handler.__name__
    function.__doc__ = handler.__doc__
    function.__module__ = handler.__module__
    # The worker refuses a parameter without a binding, and annotations that do not fit the bindings.
    parameters = [inspect.Parameter("req", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    if starts:
        parameters.append(inspect.Parameter("client", inspect.Parameter.POSITIONAL_OR_KEYWORD))
    function.__signature__ = inspect.Signature(parameters)
    function.__annotations__ = {}
    return cast(Callable[..., Any], function)


def _arguments(described: Operation, req: func.HttpRequest, client: Any) -> dict[str, Any]:
    check_key(get_settings(), req, described.scope)
    arguments: dict[str, Any] = {"call": Call(req, req.route_params, client)}
    if described.query is not None:
        arguments[_QUERY] = _validated(described.query, dict(req.params), "parameter")
    if described.body is not None:
        arguments[_BODY] = _validated(described.body, _json_object(req.get_body()), "field")
    return arguments


def _json_object(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"The body is not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.")
    return value


def _validated(model: type[BaseModel], values: dict[str, Any], kind: str) -> BaseModel:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = [
            {
                kind: ".".join(map(str, problem["loc"])),
                "problem": _plain(problem["msg"]) + _bounds(model, problem),
            }
            for problem in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        said = "; ".join(f"{problem[kind] or 'body'}: {problem['problem']}" for problem in problems)
        raise InvalidRequest(f"{said}.", problems=problems) from None


def _bounds(model: type[BaseModel], problem: Any) -> str:
    """Both bounds of a number, where pydantic names the one that was passed."""
    name = problem["loc"][0] if problem["loc"] else ""
    field = model.model_json_schema()["properties"].get(name, {})
    if "minimum" in field and "maximum" in field:
        return f" (a whole number from {field['minimum']} to {field['maximum']})"
    return ""


def _plain(message: str) -> str:
    """pydantic's message without its prefix, beginning small."""
    text = message.removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def _response(reply: Reply, cached_for: func.HttpRequest | None) -> func.HttpResponse:
    body, headers = reply.body, dict(reply.headers)
    if isinstance(body, BaseModel):
        body = _dump(body.model_dump(mode="json", by_alias=True))
    if cached_for is not None:
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers |= {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Accept-Language"}
        # RFC 9110, section 13.1.2: a list of tags, or `*`; weak ones compare by their text.
        known = cached_for.headers.get("If-None-Match") or ""
        if "*" in known or etag in [tag.strip().removeprefix("W/") for tag in known.split(",")]:
            return func.HttpResponse(None, status_code=304, headers=headers)
    return func.HttpResponse(body, status_code=reply.status, headers=headers, mimetype=reply.media_type)


def _error_response(error: Exception, name: str) -> func.HttpResponse:
    if isinstance(error, AppError):
        status, code, message, details = error.status, error.code, error.message, error.details
    else:
        correlation_id = uuid.uuid4().hex
        logging.error("unexpected error %s in %s", correlation_id, name, exc_info=error)
        status, code, details = 500, "internal_error", {"correlation_id": correlation_id}
        message = "Something went wrong on our side; the log has it under this correlation id."
    body = _dump({"error": {"code": code, "message": message, "details": details}})
    return func.HttpResponse(body, status_code=status, mimetype=JSON)


def _dump(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
