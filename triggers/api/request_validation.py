"""Validation of what a call sends: one error names the first problems that were found.

Every argument that is given must say something. A filter that is null, blank or an empty list is refused,
because no filter means "all".
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, get_origin
from urllib.parse import parse_qsl

import azure.functions as func
from pydantic import BaseModel, ValidationError

from shared.domain.errors import InvalidRequest
from shared.domain.ids import is_blank
from triggers.api.json_body import json_object

# Fields whose values may contain commas: `known_categories` separates them, since it knows the names.
_WITH_COMMAS = frozenset({"category", "categories"})
_MOST_PARAMETERS = 500
_MOST_PROBLEMS = 10
_LONGEST_NAME = 60

Problem = dict[str, str]
Json = dict[str, Any]


def read_query(model: type[BaseModel] | None, req: func.HttpRequest) -> Json:
    """Return the query parameters of a call; of a list, as a list.

    The parameters are read from the URL. The host leaves out parameters without a value, so `brand=` would
    count as no brand, and it joins repeated ones with commas.

    Raises:
        InvalidRequest: when a parameter is blank, or given twice and no list.
    """
    lists = _list_fields(model) if model is not None else frozenset()
    values: Json = {}
    for name, text in _pairs(req):
        if is_blank(text):
            bounds = _bounds(model, (name,)) if model is not None else ""
            raise _refused(name, "parameter", f"is blank: give it a value{bounds}, or leave it out")
        if name in lists:
            values.setdefault(name, []).extend(_separated(name, text))
        elif name in values:
            raise _refused(name, "parameter", "is given more than once")
        else:
            values[name] = text
    return values


def read_arguments(model: type[BaseModel], req: func.HttpRequest) -> BaseModel:
    """Return the arguments of a call, from its query and its JSON body together.

    Raises:
        InvalidRequest: naming the wrong arguments, also one that is in both places.
        PayloadTooLarge: when the body is over the limit.
    """
    query, body = read_query(model, req), json_object(req)
    for name in query.keys() & body.keys():
        raise _refused(name, "parameter", "is in the query and in the body: send it once")
    for name, value in body.items():
        if problem := _says_nothing(value):
            raise _refused(name, "field", problem)
    return validated(model, query | body, lambda name: "parameter" if name in query else "field")


def validated(
    model: type[BaseModel], values: Mapping[str, Any], kind_of: Any = lambda _: "parameter"
) -> BaseModel:
    """Return `values` as a `model`. `kind_of` a name says "parameter" or "field", for error details.

    Raises:
        InvalidRequest: naming the first wrong values and their problems.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        problems, lines = [], []
        for each in found[:_MOST_PROBLEMS]:
            name = ".".join(map(str, each["loc"]))[:_LONGEST_NAME]
            text = _message(each["msg"]) + _bounds(model, each["loc"])
            problems.append({kind_of(each["loc"][0] if each["loc"] else ""): name, "problem": text})
            lines.append(f"{name or 'arguments'}: {text}")
        more = f"; and {len(found) - _MOST_PROBLEMS} more" if len(found) > _MOST_PROBLEMS else ""
        raise InvalidRequest(f"{'; '.join(lines)}{more}.", problems=problems) from None


def _pairs(req: func.HttpRequest) -> list[tuple[str, str]]:
    _, has_query, query = req.url.partition("?")
    if not has_query:
        return list(req.params.items())
    try:
        return parse_qsl(
            query.partition("#")[0],
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except ValueError:
        raise InvalidRequest(
            f"The query must be UTF-8, with at most {_MOST_PARAMETERS} parameters."
        ) from None


def _separated(name: str, text: str) -> list[str]:
    if name in _WITH_COMMAS:
        parts = [] if all(is_blank(part) for part in text.split(",")) else [text]
    else:
        parts = [part.strip() for part in text.split(",") if not is_blank(part)]
    if not parts:
        raise _refused(name, "parameter", "names nothing: name at least one, or leave it out")
    return parts


def _says_nothing(value: Any) -> str | None:
    if value is None:
        return "is null: give it a value, or leave it out"
    if isinstance(value, list) and not value:
        return "is empty: name at least one, or leave it out"
    entries = value if isinstance(value, list) else [value]
    if any(isinstance(each, str) and is_blank(each) for each in entries):
        return "is blank: give it a value, or leave it out"
    return None


def _refused(name: str, kind: str, problem: str) -> InvalidRequest:
    name = name[:_LONGEST_NAME]
    return InvalidRequest(f"{name}: {problem}.", problems=[{kind: name, "problem": problem}])


@lru_cache(maxsize=100)
def _list_fields(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(
        name for name, field in model.model_fields.items() if get_origin(field.annotation) is tuple
    )


@lru_cache(maxsize=100)
def _properties(model: type[BaseModel]) -> Mapping[str, Any]:
    return dict(model.model_json_schema()["properties"])


def _bounds(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    """Return both bounds of a number, in parentheses. pydantic names only the bound that was exceeded."""
    field = _properties(model).get(str(location[0]), {}) if location else {}
    if "minimum" in field and "maximum" in field:
        return f" (a whole number from {field['minimum']} to {field['maximum']})"
    return ""


def _message(text: str) -> str:
    """Return pydantic's message without its prefix and Python's words, starting with a lower-case letter."""
    text = text.removeprefix("Value error, ")
    return (text[:1].lower() + text[1:]).replace("tuple", "list")
