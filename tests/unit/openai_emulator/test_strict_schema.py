from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.openai_emulator.answer_writer import Subject, write_json
from local.openai_emulator.strict_schema import UNSUPPORTED, refusal_of
from tests.unit.openai_emulator.client import SCHEMA, strict

TEXT = {"type": "string"}


def nested(levels: int) -> dict[str, Any]:
    """Nested objects, `levels` levels deep."""
    return strict({"a": TEXT if levels == 1 else nested(levels - 1)})


def verdict(schema: Any) -> str | None:
    return refusal_of(orjson.dumps(schema))


@pytest.mark.parametrize(
    "schema",
    [
        SCHEMA,
        nested(5),
        strict({f"p{n}": TEXT for n in range(100)}),
        strict({"a": {"anyOf": [TEXT, {"type": "null"}]}, "b": {"type": ["integer", "null"]}}),
        strict({"a": {"$ref": "#/$defs/n"}})
        | {"$defs": {"n": strict({"next": {"anyOf": [{"$ref": "#/$defs/n"}, {"type": "null"}]}})}},
    ],
)
def test_accepted(schema: Any) -> None:
    assert verdict(schema) is None


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (nested(6), "6 levels of nesting exceeds limit of 5"),
        (
            strict({f"o{n}": strict({f"p{m}": TEXT for m in range(49)}) for n in range(2)} | {"z": TEXT}),
            "Expected at most 100 object properties in total, got 101",
        ),
        ({"anyOf": [strict({"a": TEXT})]}, "schema must be a JSON Schema of 'type: \"object\"'"),
        (strict({"a": {"type": "array"}}), "array schema missing items"),
        (strict({"a": {}}), "must have a 'type' key"),
        (strict({"a": TEXT}, required=["a", "b"]), "includes a key that is not a property: 'b'"),
        (strict({"a": {"$ref": "#/$defs/none"}}), "reference '#/$defs/none' can only point to"),
        (
            strict({"a": {"$ref": "#/$defs/n"}}) | {"$defs": {"n": strict({"n": {"$ref": "#/$defs/n"}})}},
            "never ends",
        ),
        (strict({"a": TEXT}) | {"$defs": {"unused": {"type": "string", "pattern": "x"}}}, "'pattern'"),
    ],
)
def test_refused(schema: Any, reason: str) -> None:
    assert reason in str(verdict(schema))


@pytest.mark.parametrize("keyword", sorted(UNSUPPORTED))
def test_every_unsupported_keyword(keyword: str) -> None:
    assert f"'{keyword}' is not permitted" in str(verdict(strict({"a": TEXT | {keyword: 1}})))


SCALARS = st.one_of(
    st.sampled_from([{"type": name} for name in ("string", "integer", "number", "boolean", "null")]),
    st.lists(st.text(max_size=5), min_size=1, max_size=3, unique=True).map(lambda texts: {"enum": texts}),
    st.sampled_from([{"type": ["string", "null"]}, {"type": "string", "const": "this"}]),
)
DESCRIPTIONS = st.sampled_from(["", "3 to 5 words", "2 items", "at most 20 characters", "40 words"])


def containers(children: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    names = st.sampled_from(["name", "question", "tags", "de-DE", "overview", "weight"])
    return st.one_of(
        st.dictionaries(names, children, max_size=4).map(strict),
        st.builds(
            lambda items, text: {"type": "array", "items": items, "description": text}, children, DESCRIPTIONS
        ),
        st.lists(children, min_size=1, max_size=3).map(lambda branches: {"anyOf": branches}),
    )


ROOTS = st.dictionaries(
    st.sampled_from(["a", "b", "fr-FR"]), st.recursive(SCALARS, containers, max_leaves=12), max_size=3
).map(strict)


@given(schema=ROOTS, seed=st.text(max_size=3))
def test_answers_satisfy_any_schema_in_its_order(schema: dict[str, Any], seed: str) -> None:
    written = write_json(schema, Subject("P", "Ardena", "Ardena"), "en-GB", seed)
    assert satisfies(written, schema)
    assert orjson.loads(orjson.dumps(written)) == written


def satisfies(value: Any, schema: dict[str, Any]) -> bool:
    """Check what strict mode guarantees of an answer: types, keys and their order, enumerations."""
    if "const" in schema:
        return bool(value == schema["const"])
    if "enum" in schema:
        return value in schema["enum"]
    if "anyOf" in schema:
        return any(satisfies(value, branch) for branch in schema["anyOf"])
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return any(_of_type(value, type_, schema) for type_ in types)


def _of_type(value: Any, type_: str, schema: dict[str, Any]) -> bool:
    if type_ == "object":
        return (
            isinstance(value, dict)
            and list(value) == list(schema["properties"])
            and all(satisfies(value[name], child) for name, child in schema["properties"].items())
        )
    if type_ == "array":
        return isinstance(value, list) and all(satisfies(each, schema["items"]) for each in value)
    kinds = {"string": str, "integer": int, "number": float, "boolean": bool, "null": type(None)}
    return type(value) is kinds[type_]
