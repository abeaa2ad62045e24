"""The strict response schema of a request, generated from the form of its plan.

Azure's strict mode requires closed objects and makes every property required. It supports no bounds
(`minLength`, `maxItems`, …) and allows 100 object properties in total and five levels of nesting
(learn.microsoft.com, Azure OpenAI "Structured outputs"). The bounds are checked after parsing instead.

The locales are the items of one list, so that the properties of a form count once, however many locales share
the request.
"""

from functools import lru_cache
from typing import Any

from shared.content.answer_form import locale_form
from shared.content.product_facts import FACTS_KEY, FactsAnswer
from shared.domain.content_plan import ContentPlan, Depth

# The property of the answer that lists the locales, and that of an item that names its locale.
TEXTS_KEY = "texts"
LOCALE_KEY = "locale"
MAX_PROPERTIES = 100

# Keywords of pydantic's schema that strict mode rejects or that only cost tokens.
_DROPPED_KEYWORDS = frozenset(
    {
        "title", "default", "minLength", "maxLength", "minItems", "maxItems", "pattern", "format",
        "minimum", "maximum",
    }
)  # fmt: skip


def response_format(locales: tuple[str, ...], plan: ContentPlan, facts: bool = False) -> dict[str, Any]:
    """The `response_format` of a request for `locales`, as the plan says.

    With `facts`, the product's facts come before the texts. Without a locale they are all there is. The
    returned value is cached and shared: do not change it.
    """
    return _response_format(locales, plan.depth, plan.parts, facts)


@lru_cache(maxsize=512)
def _response_format(
    locales: tuple[str, ...], depth: Depth, parts: tuple[str, ...], facts: bool
) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    if facts:
        properties[FACTS_KEY] = _schema_of(FactsAnswer, definitions)
    if locales:
        plan = ContentPlan(depth=depth, family="", facts=0, parts=parts)
        texts = _schema_of(locale_form(plan), definitions)
        named = {LOCALE_KEY: {"type": "string", "enum": list(locales)}, **texts["properties"]}
        item = _closed(named)
        properties[TEXTS_KEY] = {"type": "array", "items": item, "description": f"{len(locales)} items"}
    schema = _closed(properties) | ({"$defs": definitions} if definitions else {})
    return {
        "type": "json_schema",
        "json_schema": {"name": "product_content", "strict": True, "schema": schema},
    }


def count_properties(schema: dict[str, Any]) -> int:
    """The number of object properties in a response schema, with every `$ref` counted as written out."""
    return _count_properties(schema, schema.get("$defs", {}))


def _count_properties(schema: dict[str, Any], definitions: dict[str, Any]) -> int:
    if "$ref" in schema:
        return _count_properties(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if schema["type"] == "array":
        return _count_properties(schema["items"], definitions)
    properties = schema.get("properties", {})
    return len(properties) + sum(_count_properties(child, definitions) for child in properties.values())


def _schema_of(model: Any, definitions: dict[str, Any]) -> Any:
    """The strict schema of a model. Objects that it shares are added to `definitions`, the rest is inline."""
    schema = model.model_json_schema()
    found = schema.pop("$defs", {})
    definitions |= {name: _strict(each, found) for name, each in found.items() if "enum" not in each}
    return _strict(schema, found)


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _strict(schema: Any, found: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_strict(item, found) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "enum" in (enum := found.get(str(schema.get("$ref", "")).rsplit("/", 1)[-1], {})):
        # The docstring of an enum is for developers. The model needs only its values.
        return {"type": enum["type"], "enum": enum["enum"]}
    if "anyOf" in schema:
        return _nullable(_strict(schema["anyOf"][0], found), schema)
    if schema.get("type") == "object":
        return _closed({name: _strict(child, found) for name, child in schema["properties"].items()})
    return {key: _strict(value, found) for key, value in schema.items() if key not in _DROPPED_KEYWORDS}


def _nullable(schema: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
    """A value that may be null: a list of two types is shorter than a choice of two schemas."""
    nullable = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        nullable["enum"] = [*schema["enum"], None]
    if "description" in source:
        nullable["description"] = source["description"]
    return nullable
