from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from local.openai_emulator.strict_schema import refusal_of
from shared.content.families import Family
from shared.content.locales import LOCALES
from shared.content.response_schema import (
    MAX_PROPERTIES,
    count_properties,
    max_locales_per_request,
    response_format,
)

Schema = dict[str, Any]

UNSUPPORTED = {
    "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "multipleOf", "minItems", "maxItems",
    "uniqueItems", "contains", "patternProperties", "propertyNames", "minProperties", "maxProperties",
    "default", "oneOf", "discriminator", "title",
}  # fmt: skip
GROUPS = [
    (LOCALES[:size], facts, family)
    for size in range(1, max_locales_per_request() + 1)
    for facts in (True, False)
    for family in Family
]


def schema_of(locales: tuple[str, ...], facts: bool = False, family: Family = Family.OTHER) -> Schema:
    schema: Schema = response_format(locales, facts, family)["json_schema"]["schema"]
    return schema


def expanded(schema: Schema, definitions: Schema, depth: int = 1) -> Iterator[tuple[int, Schema]]:
    """A schema and all schemas within it, with `$ref` resolved, each with its level of nesting."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    yield depth, schema
    for child in schema.get("properties", {}).values():
        yield from expanded(child, definitions, depth + 1)
    if "items" in schema:
        yield from expanded(schema["items"], definitions, depth)


@pytest.mark.parametrize(("locales", "facts", "family"), GROUPS)
def test_every_group_that_settings_accept_is_within_the_limits_of_azure(
    locales: tuple[str, ...], facts: bool, family: Family
) -> None:
    root = schema_of(locales, facts, family)
    found = list(expanded(root, root["$defs"]))
    objects = [(depth, schema) for depth, schema in found if schema.get("type") == "object"]
    properties = sum(len(schema["properties"]) for _, schema in objects)
    assert properties <= MAX_PROPERTIES
    assert properties == count_properties(root)
    assert max(depth for depth, _ in objects) <= 5
    for _, schema in objects:
        assert schema["additionalProperties"] is False
        assert schema["required"] == list(schema["properties"])
    assert not any(UNSUPPORTED & set(schema) for _, schema in found)
    assert refusal_of(orjson.dumps(root)) is None


def test_a_group_with_one_more_locale_exceeds_the_limit() -> None:
    assert count_properties(schema_of(LOCALES[: max_locales_per_request() + 1], facts=True)) > MAX_PROPERTIES


def test_every_definition_is_referenced() -> None:
    for facts in (True, False):
        root = schema_of(("de-DE",), facts, Family.PIANO)
        text = orjson.dumps(root).decode()
        assert all(f'"#/$defs/{name}"' in text for name in root["$defs"])


def test_locales_keep_their_order_after_the_facts() -> None:
    assert list(schema_of(("de-DE", "en-GB"))["properties"]) == ["de-DE", "en-GB"]
    assert list(schema_of(("de-DE",), facts=True)["properties"]) == ["facts", "de-DE"]


def test_the_family_decides_the_sound_characteristics() -> None:
    definitions = schema_of(("de-DE",), family=Family.PIANO)["$defs"]
    assert "PianoSound" in definitions
    assert "BassSound" not in definitions
    reference = definitions["TechnicalAnalysis"]["properties"]["sound_characteristics"]
    assert reference == {"$ref": "#/$defs/PianoSound"}
