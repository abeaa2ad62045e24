"""The strict response schema of a request, generated from the content models.

Azure's strict mode requires closed objects and makes every property required. It supports no bounds
(`minLength`, `maxItems`, …) and allows 100 object properties in total and five levels of nesting
(learn.microsoft.com, Azure OpenAI "Structured outputs"). The bounds are checked after parsing instead.
"""

from functools import lru_cache
from typing import Any

from shared.content.families import Family
from shared.content.product_facts import FACTS_KEY, ProductFacts
from shared.content.sections import LocaleContent
from shared.content.sound_characteristics import Sound

MAX_PROPERTIES = 100

# Keywords of pydantic's schema that strict mode rejects or that only cost tokens.
_DROPPED_KEYWORDS = frozenset(
    {
        "title", "default", "minLength", "maxLength", "minItems", "maxItems", "pattern", "format",
        "minimum", "maximum",
    }
)  # fmt: skip
_SOUND_MODELS = {model.family: model.__name__ for model in Sound.__subclasses__()}
_SOUND_MODEL_NAMES = frozenset(_SOUND_MODELS.values())


@lru_cache(maxsize=256)
def response_format(
    locales: tuple[str, ...], facts: bool = False, family: Family = Family.OTHER
) -> dict[str, Any]:
    """The `response_format` of a request for `locales`: one property per locale, in this order.

    With `facts`, the product's facts come before the locales. `family` decides which sound characteristics
    are requested. The returned value is cached and shared: do not change it.
    """
    definitions = _content_definitions(family)
    properties = {locale: {"$ref": "#/$defs/LocaleContent"} for locale in locales}
    if facts:
        properties = {FACTS_KEY: {"$ref": "#/$defs/ProductFacts"}, **properties}
        definitions = _facts_definitions() | definitions
    return {
        "type": "json_schema",
        "json_schema": {
            "name": "product_content",
            "strict": True,
            "schema": {
                "type": "object",
                "properties": properties,
                "required": list(properties),
                "additionalProperties": False,
                "$defs": definitions,
            },
        },
    }


@lru_cache(maxsize=1)
def max_locales_per_request() -> int:
    """The most locales in one request with facts, by Azure's limit of object properties.

    Every `$ref` is counted as written out, which is the strictest reading of the limit.
    """
    facts, one_locale = (
        count_properties(response_format(locales, facts)["json_schema"]["schema"])
        for locales, facts in (((), True), (("x",), False))
    )
    return (MAX_PROPERTIES - facts) // one_locale


def count_properties(schema: dict[str, Any]) -> int:
    """The number of object properties in a response schema."""
    return _count_properties(schema, schema["$defs"])


def _count_properties(schema: dict[str, Any], definitions: dict[str, Any]) -> int:
    if "$ref" in schema:
        return _count_properties(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if schema["type"] == "array":
        return _count_properties(schema["items"], definitions)
    properties = schema.get("properties", {})
    return len(properties) + sum(_count_properties(child, definitions) for child in properties.values())


def _content_definitions(family: Family) -> dict[str, Any]:
    content = LocaleContent.model_json_schema()
    sound = _SOUND_MODELS[family]
    definitions = content.pop("$defs")
    # Only the sound characteristics of this family, not a choice between those of all families.
    definitions["TechnicalAnalysis"]["properties"]["sound_characteristics"] = {"$ref": f"#/$defs/{sound}"}
    used = {
        name: schema
        for name, schema in definitions.items()
        if name not in _SOUND_MODEL_NAMES or name == sound
    }
    return {name: _strict(schema) for name, schema in (used | {"LocaleContent": content}).items()}


def _facts_definitions() -> dict[str, Any]:
    facts = ProductFacts.model_json_schema()
    definitions = facts.pop("$defs")
    return {name: _strict(schema) for name, schema in (definitions | {"ProductFacts": facts}).items()}


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
    # The docstring of an enum is for developers. The model needs only its values.
    dropped = _DROPPED_KEYWORDS | {"description"} if "enum" in schema else _DROPPED_KEYWORDS
    return {key: _strict(value) for key, value in schema.items() if key not in dropped}
