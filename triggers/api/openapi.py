"""The OpenAPI 3.1 document of the API, generated from the operations and their models.

Source of the format: spec.openapis.org/oas/v3.1.0.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, cast

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from triggers.api.api_keys import KEY_HEADER
from triggers.api.json_responses import JSON
from triggers.api.operation import OPERATIONS, Operation
from triggers.schemas.common_schemas import IDEMPOTENCY_KEY, KEYLESS, ErrorResponse, Scope

_REF = "#/components/schemas/{model}"
_STATUS_DESCRIPTIONS = {
    200: "OK", 202: "Accepted; follow its progress at `Location`", 400: "A parameter or the body is wrong",
    401: "No key, or a wrong one", 403: "The key may only read", 404: "Not found",
    409: "Not possible in this state, or a stored row cannot be read", 410: "Discontinued",
    413: "The body is too large", 415: "The content type of the body is not supported",
    422: "The Idempotency-Key was used with other parameters before", 500: "An internal error",
    501: "A setting is missing", 503: "A service that the app depends on does not answer",
}  # fmt: skip

Json = dict[str, Any]


@lru_cache(maxsize=1)
def document() -> Json:
    """Return the OpenAPI document. It is cached and shared between callers: do not modify it."""
    references, schemas = _schemas(OPERATIONS)
    paths: dict[str, Json] = {}
    for described in OPERATIONS:
        paths.setdefault(f"/api/{described.path}", {})[described.method.lower()] = _operation(
            described, references
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Instrument content",
            "version": "1",
            "description": "Product content for musical instruments in seven languages, made in batches.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": KEY_HEADER}},
        },
    }


def _schemas(operations: Iterable[Operation]) -> tuple[dict[type[BaseModel], Json], Json]:
    """Return the `$ref` of each model, and the definitions that the refs point to."""
    responses = {
        response
        for described in operations
        for response in described.responses.values()
        if not isinstance(response, str)
    }
    bodies = {described.arguments for described in operations if described.arguments is not None}
    wanted = [(model, "serialization") for model in sorted(responses | {ErrorResponse}, key=_name)]
    wanted += [(model, "validation") for model in sorted(bodies, key=_name)]
    references, definitions = models_json_schema(wanted, ref_template=_REF)  # type: ignore[arg-type]
    by_model = {cast(type[BaseModel], model): schema for (model, _), schema in references.items()}
    return by_model, definitions["$defs"]


def _operation(described: Operation, references: dict[type[BaseModel], Json]) -> Json:
    # 400: also a call that reads nothing refuses a body.
    statuses = {400, 500, *described.errors}
    if described.scope != Scope.OPEN:
        statuses |= {401}
    if described.scope in (Scope.OPERATE, Scope.WORK):
        statuses |= {403}
    if described.arguments:
        statuses |= {413}
    responses = {
        str(status): _response(status, model, references) for status, model in described.responses.items()
    }
    errors = {
        str(status): _response(status, ErrorResponse, references)
        for status in sorted(statuses)
        if status not in described.responses
    }
    entry: Json = {
        "operationId": described.name,
        "summary": described.summary,
        "tags": [described.path.split("/")[1]],
        "parameters": [*_path_parameters(described), *_query_parameters(described), *_headers(described)],
        "responses": responses | errors,
        "security": [] if described.scope in KEYLESS else [{"key": []}],
    }
    if described.cached:
        entry["responses"]["304"] = {"description": "Not modified since the ETag in If-None-Match"}
    if described.description:
        entry["description"] = described.description
    if described.arguments is not None:
        entry["requestBody"] = {
            "description": "An argument is sent in the query or here, not in both",
            "content": {JSON: {"schema": references[described.arguments]}},
        }
    if described.uploads:
        content = {media: {"schema": {"type": "string", "format": "binary"}} for media in described.uploads}
        entry["requestBody"] = {"content": content}
    return entry


def _response(status: int, model: type[BaseModel] | str, references: dict[type[BaseModel], Json]) -> Json:
    content = {model: {}} if isinstance(model, str) else {JSON: {"schema": references[model]}}
    response: Json = {"description": _STATUS_DESCRIPTIONS[status], "content": content}
    if status == 202:
        location = {"schema": {"type": "string"}, "required": True}
        response["headers"] = {"Location": location}
    return response


def _path_parameters(described: Operation) -> list[Json]:
    names = re.findall(r"\{(\w+)\}", described.path)
    schema = {"type": "string", "minLength": 1}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]


def _query_parameters(described: Operation) -> list[Json]:
    model = described.query or described.arguments
    if model is None:
        return []
    schema = model.model_json_schema()
    parameters = []
    for name, field in schema["properties"].items():
        described_field = _inlined(field, schema.get("$defs", {}))
        parameter = {
            "name": name,
            "in": "query",
            "required": described.query is not None and name in schema.get("required", []),
            "schema": {key: value for key, value in described_field.items() if key != "description"},
        }
        if "description" in described_field:
            parameter["description"] = described_field["description"]
        if described_field.get("type") == "array":
            parameter |= {"style": "form", "explode": False}
        parameters.append(parameter)
    return parameters


def _inlined(schema: Any, definitions: Json) -> Any:
    """Return a parameter's schema with its references resolved and the alternative null removed."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    resolved = {key: _inlined(value, definitions) for key, value in schema.items() if key != "title"}
    values = [item for item in resolved.get("anyOf", []) if item != {"type": "null"}]
    if len(values) == 1:
        others = {key: value for key, value in resolved.items() if key not in ("anyOf", "default")}
        resolved = others | values[0]
    return resolved


def _headers(described: Operation) -> list[Json]:
    if 422 not in described.errors:
        return []
    schema = {"type": "string", "minLength": 1, "maxLength": 200}
    return [{"name": IDEMPOTENCY_KEY, "in": "header", "required": False, "schema": schema}]


def _name(model: Any) -> str:
    return str(model.__name__)
