from collections.abc import Iterator
from typing import Any

import pytest

from shared.content.locales import LOCALES
from shared.content.response_schema import MAX_PROPERTIES, largest_group, response_format

Schema = dict[str, Any]

UNSUPPORTED = {
    "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "multipleOf", "minItems", "maxItems",
    "uniqueItems", "contains", "patternProperties", "propertyNames", "minProperties", "maxProperties",
    "default",
}  # fmt: skip
GROUPS = [LOCALES[:size] for size in range(1, largest_group() + 1)]


def expanded(schema: Schema, definitions: Schema, depth: int = 1) -> Iterator[tuple[int, Schema]]:
    """Every schema below one, with `$ref` written out, and how deep its objects are nested."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    yield depth, schema
    for child in schema.get("properties", {}).values():
        yield from expanded(child, definitions, depth + 1)
    if "items" in schema:
        yield from expanded(schema["items"], definitions, depth)


@pytest.mark.parametrize("locales", GROUPS, ids=len)
def test_every_group_that_settings_accept_stays_inside_azures_limits(locales: tuple[str, ...]) -> None:
    root = response_format(locales)["json_schema"]["schema"]
    found = list(expanded(root, root["$defs"]))
    objects = [(depth, schema) for depth, schema in found if schema.get("type") == "object"]
    assert sum(len(schema["properties"]) for _, schema in objects) <= MAX_PROPERTIES
    assert max(depth for depth, _ in objects) <= 5
    for _, schema in objects:
        assert schema["additionalProperties"] is False
        assert schema["required"] == list(schema["properties"])
    assert not any(UNSUPPORTED & set(schema) for _, schema in found)


def test_the_largest_group_is_the_largest() -> None:
    root = response_format(LOCALES[: largest_group() + 1])["json_schema"]["schema"]
    objects = [schema for _, schema in expanded(root, root["$defs"]) if schema.get("type") == "object"]
    assert sum(len(schema["properties"]) for schema in objects) > MAX_PROPERTIES


def test_locales_stand_in_their_order() -> None:
    schema = response_format(("de-DE", "en-GB"))["json_schema"]["schema"]
    assert list(schema["properties"]) == ["de-DE", "en-GB"]
