"""The OpenAPI 3.1 description of the API, made from the operations and their models.

Source of the form: spec.openapis.org/oas/v3.1.0.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, cast

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from triggers.api.api_keys import KEY_HEADER
from triggers.api.operation import JSON, OPERATIONS, Operation
from triggers.schemas.common_schemas import IDEMPOTENCY_KEY, KEYLESS, ErrorAnswer, Scope

_REF = "#/components/schemas/{model}"
_SAID = {
    200: "OK", 202: "Accepted: watch it at `Location`", 400: "A parameter or the body is wrong",
    401: "No key, or a wrong one", 403: "The key may read only", 404: "There is no such thing",
    409: "Not in this state, or what is stored cannot be read; the message says what may be done",
    410: "Discontinued", 413: "The body is too large", 415: "The body is of a type that is not read",
    422: "The Idempotency-Key came with other parameters before", 500: "A fault of ours",
    501: "A setting is missing", 503: "A service behind this one does not answer",
}  # fmt: skip

Json = dict[str, Any]


@lru_cache(maxsize=1)
def document() -> Json:
    """The description; the answer is shared between callers, so it is not to be changed."""
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
            "description": "Product content for musical instruments in seven languages, by batch.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": KEY_HEADER}},
        },
    }


def _schemas(operations: Iterable[Operation]) -> tuple[dict[type[BaseModel], Json], Json]:
    """Where each model's schema stands, and all schemas."""
    answers = {
        answer for described in operations for answer in described.answers.values() if _is_model(answer)
    }
    bodies = {described.body for described in operations if described.body is not None}
    wanted = [(model, "serialization") for model in sorted(answers | {ErrorAnswer}, key=_name)]
    wanted += [(model, "validation") for model in sorted(bodies, key=_name)]
    references, definitions = models_json_schema(wanted, ref_template=_REF)  # type: ignore[arg-type]
    places = {cast(type[BaseModel], model): schema for (model, _), schema in references.items()}
    return places, definitions["$defs"]


def _operation(described: Operation, references: dict[type[BaseModel], Json]) -> Json:
    statuses = {500, *described.errors}
    if described.scope != Scope.OPEN:
        statuses |= {401}
    if described.scope == Scope.OPERATE:
        statuses |= {403}
    if described.query or described.body or described.uploads:
        statuses |= {400}
    answers = {
        str(status): _answer(status, answer, references) for status, answer in described.answers.items()
    }
    errors = {
        str(status): _answer(status, ErrorAnswer, references)
        for status in sorted(statuses)
        if status not in described.answers
    }
    entry: Json = {
        "operationId": described.name,
        "summary": described.summary,
        "tags": [described.path.split("/")[1]],
        "parameters": [*_path_parameters(described), *_query_parameters(described), *_headers(described)],
        "responses": answers | errors,
        "security": [] if described.scope in KEYLESS else [{"key": []}],
    }
    if described.cached:
        entry["responses"]["304"] = {"description": "Not modified since the ETag in If-None-Match"}
    if described.description:
        entry["description"] = described.description
    if described.body is not None:
        entry["requestBody"] = {"content": {JSON: {"schema": references[described.body]}}}
    if described.uploads:
        content = {media: {"schema": {"type": "string", "format": "binary"}} for media in described.uploads}
        entry["requestBody"] = {"content": content}
    return entry


def _answer(status: int, answer: type[BaseModel] | str, references: dict[type[BaseModel], Json]) -> Json:
    content = {answer: {}} if isinstance(answer, str) else {JSON: {"schema": references[answer]}}
    said: Json = {"description": _SAID[status], "content": content}
    if status == 202:
        location = {"schema": {"type": "string"}, "required": True}
        said["headers"] = {"Location": location}
    return said


def _path_parameters(described: Operation) -> list[Json]:
    names = re.findall(r"\{(\w+)\}", described.path)
    schema = {"type": "string", "minLength": 1}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]


def _query_parameters(described: Operation) -> list[Json]:
    if described.query is None:
        return []
    schema = described.query.model_json_schema()
    parameters = []
    for name, field in schema["properties"].items():
        described_field = _inlined(field, schema.get("$defs", {}))
        parameter = {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", []),
            "schema": {key: value for key, value in described_field.items() if key != "description"},
        }
        if "description" in described_field:
            parameter["description"] = described_field["description"]
        if described_field.get("type") == "array":
            parameter |= {"style": "form", "explode": False}
        parameters.append(parameter)
    return parameters


def _inlined(schema: Any, definitions: Json) -> Any:
    """A parameter's schema without references into a document of its own, and without null."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    given = {key: _inlined(value, definitions) for key, value in schema.items() if key != "title"}
    values = [item for item in given.get("anyOf", []) if item != {"type": "null"}]
    if len(values) == 1:
        given = {key: value for key, value in given.items() if key not in ("anyOf", "default")} | values[0]
    return given


def _headers(described: Operation) -> list[Json]:
    if 422 not in described.errors:
        return []
    schema = {"type": "string", "minLength": 1, "maxLength": 200}
    return [{"name": IDEMPOTENCY_KEY, "in": "header", "required": False, "schema": schema}]


def _is_model(answer: type[BaseModel] | str) -> bool:
    return not isinstance(answer, str)


def _name(model: Any) -> str:
    return str(model.__name__)
