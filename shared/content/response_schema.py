"""The strict response schema of a request, made from the content models.

Azure's strict mode wants every object closed and every property required, knows no bounds (`minLength`,
`maxItems`, …), and allows 100 object properties in all and five levels of nesting
(learn.microsoft.com, Azure OpenAI "Structured outputs"). Bounds are checked after parsing instead.
"""

from functools import lru_cache
from typing import Any

from shared.content.sections import LocaleContent

MAX_PROPERTIES = 100

# Keywords that pydantic writes and strict mode refuses or that only cost tokens.
_DROPPED = frozenset(
    {"title", "default", "minLength", "maxLength", "minItems", "maxItems", "pattern", "format"}
)


@lru_cache(maxsize=64)
def response_format(locales: tuple[str, ...]) -> dict[str, Any]:
    """`response_format` of a request for `locales`: one property a locale, in their order.

    The answer is shared between callers: do not change it.
    """
    content = LocaleContent.model_json_schema()
    definitions = {name: _strict(schema) for name, schema in content.pop("$defs").items()}
    definitions["LocaleContent"] = _strict(content)
    return {
        "type": "json_schema",
        "json_schema": {
            "name": "product_content",
            "strict": True,
            "schema": {
                "type": "object",
                "properties": {locale: {"$ref": "#/$defs/LocaleContent"} for locale in locales},
                "required": list(locales),
                "additionalProperties": False,
                "$defs": definitions,
            },
        },
    }


@lru_cache(maxsize=1)
def largest_group() -> int:
    """How many locales one request can ask for and stay within Azure's count of object properties.

    Counted with every `$ref` written out, which is the strictest reading of the limit.
    """
    schema = response_format(("x",))["json_schema"]["schema"]
    one = _properties(schema["$defs"]["LocaleContent"], schema["$defs"])
    return MAX_PROPERTIES // (one + 1)


def _properties(schema: dict[str, Any], definitions: dict[str, Any]) -> int:
    if "$ref" in schema:
        return _properties(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if schema["type"] == "array":
        return _properties(schema["items"], definitions)
    inner = schema.get("properties", {})
    return len(inner) + sum(_properties(child, definitions) for child in inner.values())


def _strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "object":
        return {
            "type": "object",
            "properties": {name: _strict(child) for name, child in schema["properties"].items()},
            "required": list(schema["properties"]),
            "additionalProperties": False,
        }
    return {key: _strict(value) for key, value in schema.items() if key not in _DROPPED}
