from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from local.openai_emulator.strict_schema import refusal_of
from shared.content.families import Family
from shared.content.locales import LOCALES
from shared.content.planning import fullest_plan, plan_content
from shared.content.response_schema import MAX_PROPERTIES, count_properties, response_format
from shared.domain.content_plan import ContentPlan
from tests.examples import product

Schema = dict[str, Any]

UNSUPPORTED = {
    "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "multipleOf", "minItems", "maxItems",
    "uniqueItems", "contains", "patternProperties", "propertyNames", "minProperties", "maxProperties",
    "default", "oneOf", "discriminator", "title",
}  # fmt: skip
MINIMAL, STANDARD = plan_content(product(description="", specs={})), plan_content(product())
PLANS = [MINIMAL, STANDARD, *map(fullest_plan, Family)]


def schema_of(locales: tuple[str, ...], plan: ContentPlan = STANDARD, facts: bool = False) -> Schema:
    schema: Schema = response_format(locales, plan, facts)["json_schema"]["schema"]
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


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"{plan.depth}-{plan.family}")
@pytest.mark.parametrize("facts", [True, False])
def test_every_plan_is_within_the_limits_of_azure_for_all_locales(plan: ContentPlan, facts: bool) -> None:
    root = schema_of(LOCALES, plan, facts)
    found = list(expanded(root, root.get("$defs", {})))
    objects = [(depth, schema) for depth, schema in found if "properties" in schema]
    properties = sum(len(schema["properties"]) for _, schema in objects)
    assert properties <= MAX_PROPERTIES
    assert properties == count_properties(root)
    assert max(depth for depth, _ in objects) <= 5
    for _, schema in objects:
        assert schema["additionalProperties"] is False
        assert schema["required"] == list(schema["properties"])
    assert not any(UNSUPPORTED & set(schema) for _, schema in found)
    assert refusal_of(orjson.dumps(root)) is None


def test_every_definition_is_referenced() -> None:
    for plan in PLANS:
        text = orjson.dumps(schema_of(("de-DE",), plan, True)).decode()
        names = schema_of(("de-DE",), plan, True).get("$defs", {})
        assert all(f'"#/$defs/{name}"' in text for name in names)


def test_locales_are_named_in_their_order_after_the_facts() -> None:
    root = schema_of(("de-DE", "en-GB"), facts=True)
    assert list(root["properties"]) == ["facts", "texts"]
    assert root["properties"]["texts"]["items"]["properties"]["locale"]["enum"] == ["de-DE", "en-GB"]
    assert list(schema_of((), facts=True)["properties"]) == ["facts"]


def test_an_answer_has_the_parts_of_the_plan_and_no_others() -> None:
    for plan in PLANS:
        item = schema_of(("de-DE",), plan)["properties"]["texts"]["items"]
        assert tuple(item["properties"]) == ("locale", *plan.parts)


def test_what_the_record_may_not_say_can_be_null_and_an_overview_cannot() -> None:
    properties = schema_of(("de-DE",))["properties"]["texts"]["items"]["properties"]
    assert properties["build_quality"]["type"] == ["string", "null"]
    assert properties["overview"]["type"] == "string"
    facts = schema_of((), facts=True)["properties"]["facts"]["properties"]
    assert facts["skill_level"]["type"] == ["string", "null"]
    assert facts["skill_level"]["enum"][-1] is None


def test_no_rating_is_asked_for() -> None:
    facts = schema_of((), facts=True)["properties"]["facts"]["properties"]
    assert set(facts) == {"skill_level", "skill_level_basis", "best_genres", "best_genres_basis"}
