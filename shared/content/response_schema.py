"""The strict response schema of a request, made from the content models.

Azure's strict mode wants every object closed and every property required, knows no bounds (`minLength`,
`maxItems`, …), and allows 100 object properties in all and five levels of nesting
(learn.microsoft.com, Azure OpenAI "Structured outputs"). Bounds are checked after parsing instead.
"""

from functools import lru_cache
from typing import Any

from shared.content.families import Family
from shared.content.product_facts import FACTS_KEY, ProductFacts
from shared.content.sections import LocaleContent
from shared.content.sound import Sound

MAX_PROPERTIES = 100

# Keywords that pydantic writes and strict mode refuses or that only cost tokens.
_DROPPED = frozenset(
    {
        "title", "default", "minLength", "maxLength", "minItems", "maxItems", "pattern", "format",
        "minimum", "maximum",
    }
)  # fmt: skip
_SOUNDS = {kind.family: kind.__name__ for kind in Sound.__subclasses__()}
_SOUND_NAMES = frozenset(_SOUNDS.values())


@lru_cache(maxsize=256)
def response_format(
    locales: tuple[str, ...], facts: bool = False, family: Family = Family.OTHER
) -> dict[str, Any]:
    """`response_format` of a request for `locales`: one property a locale, in their order.

    With `facts`, the product's locale-neutral facts come first: a text that was cut off costs no facts.
    `family` decides the block of sound characteristics. The answer is shared between callers: do not
    change it.
    """
    definitions = _definitions(family)
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
def largest_group() -> int:
    """How many locales one request can ask for, facts included, within Azure's count of properties.

    Counted with every `$ref` written out, which is the strictest reading of the limit.
    """
    facts, one = (
        count_properties(response_format(locales, facts)["json_schema"]["schema"])
        for locales, facts in (((), True), (("x",), False))
    )
    return (MAX_PROPERTIES - facts) // one


def count_properties(schema: dict[str, Any]) -> int:
    """The object properties of a response schema."""
    return _properties(schema, schema["$defs"])


def _properties(schema: dict[str, Any], definitions: dict[str, Any]) -> int:
    if "$ref" in schema:
        return _properties(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if schema["type"] == "array":
        return _properties(schema["items"], definitions)
    inner = schema.get("properties", {})
    return len(inner) + sum(_properties(child, definitions) for child in inner.values())


def _definitions(family: Family) -> dict[str, Any]:
    content = LocaleContent.model_json_schema()
    sound = _SOUNDS[family]
    found = content.pop("$defs")
    # The model is asked for the block of its family, not for a choice between all of them.
    found["TechnicalAnalysis"]["properties"]["sound_characteristics"] = {"$ref": f"#/$defs/{sound}"}
    kept = {name: schema for name, schema in found.items() if name not in _SOUND_NAMES or name == sound}
    return {name: _strict(schema) for name, schema in (kept | {"LocaleContent": content}).items()}


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
    # A docstring explains a code to people; the model reads the code itself.
    dropped = _DROPPED | {"description"} if "enum" in schema else _DROPPED
    return {key: _strict(value) for key, value in schema.items() if key not in dropped}
