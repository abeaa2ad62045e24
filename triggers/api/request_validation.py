"""Validation of query parameters and JSON bodies. Every problem found is reported by name, in one error."""

from typing import Any

import orjson
from pydantic import BaseModel, ValidationError

from shared.domain.errors import InvalidRequest


def json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a request body; an empty body counts as `{}`.

    Raises:
        InvalidRequest: when the body is not JSON, or not an object.
    """
    if not body.strip():
        return {}
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"The body is not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.")
    return value


def validated(model: type[BaseModel], values: dict[str, Any], kind: str) -> BaseModel:
    """Return `values` as a `model`. `kind` is what error details call a value: "parameter" or "field".

    Raises:
        InvalidRequest: naming each wrong value and its problem.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = [
            {
                kind: ".".join(map(str, problem["loc"])),
                "problem": _message(problem["msg"]) + _bounds(model, problem),
            }
            for problem in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        message = "; ".join(f"{problem[kind] or 'body'}: {problem['problem']}" for problem in problems)
        raise InvalidRequest(f"{message}.", problems=problems) from None


def _bounds(model: type[BaseModel], problem: Any) -> str:
    """Return both bounds of a number, in parentheses. pydantic names only the bound that was exceeded."""
    name = problem["loc"][0] if problem["loc"] else ""
    field = model.model_json_schema()["properties"].get(name, {})
    if "minimum" in field and "maximum" in field:
        return f" (a whole number from {field['minimum']} to {field['maximum']})"
    return ""


def _message(text: str) -> str:
    """Return pydantic's message without its prefix, starting with a lower-case letter."""
    text = text.removeprefix("Value error, ")
    return text[:1].lower() + text[1:]
