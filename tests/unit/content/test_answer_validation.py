from typing import Any

import orjson
import pytest

from shared.content.answer_validation import validate_answer
from shared.domain.outcome import Outcome
from tests.examples import locale_content


def answer(**locales: Any) -> str:
    return orjson.dumps({name.replace("_", "-"): content for name, content in locales.items()}).decode()


def test_a_valid_answer_is_stored_content() -> None:
    result = validate_answer(answer(de_DE=locale_content(), en_GB=locale_content()), ("de-DE", "en-GB"))
    assert (result.outcome, result.reason, result.faults) == (Outcome.STORED, "", {})
    assert list(result.contents) == ["de-DE", "en-GB"]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("basic_info", "overview"), "", "de-DE.basic_info.overview: "),
        (("basic_info", "overview"), None, "de-DE.basic_info.overview: "),
        (("basic_info", "key_features"), ["a body"], "de-DE.basic_info.key_features: "),
        (("basic_info", "release_year"), "1998", "de-DE.basic_info.release_year: Extra inputs"),
        (
            ("purchase_decision", "why_buy", 1, "title"),
            "x" * 400,
            "de-DE.purchase_decision.why_buy.1.title: ",
        ),
        (("usage_guidance", "skill_development"), "See https://example.com for the full story.", "link"),
        (("maintenance_care", "care_instructions"), "Write to help@example.com about its care.", "link"),
        (("usage_guidance", "recommended_companions"), ["a strap", "a bag\x07"], "control characters"),
        (("qa",), [], "de-DE.qa: "),
    ],
)
def test_each_fault_names_its_field(path: tuple[str | int, ...], value: object, message: str) -> None:
    content = locale_content()
    parent: Any = content
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    result = validate_answer(answer(de_DE=content), ("de-DE",))
    assert result.outcome == Outcome.SCHEMA_INVALID
    assert message in result.reason
    assert result.contents == {}


def test_an_invalid_locale_does_not_invalidate_a_valid_one() -> None:
    result = validate_answer(answer(de_DE={}, en_GB=locale_content()), ("de-DE", "en-GB", "fr-FR"))
    assert result.outcome == Outcome.SCHEMA_INVALID
    assert list(result.contents) == ["en-GB"]
    assert set(result.faults) == {"de-DE", "fr-FR"}
    assert "fr-FR: missing" in result.reason


def test_surplus_keys_are_reported_and_ignored() -> None:
    result = validate_answer(answer(de_DE=locale_content(), customer_reviews="They love it"), ("de-DE",))
    assert result.outcome == Outcome.STORED
    assert "customer-reviews: not asked for" in result.reason
    assert list(result.contents) == ["de-DE"]


@pytest.mark.parametrize("text", ["", "{", '{"de-DE": ', "```json\n{}\n```", "\ud800", "[" * 100_000])
def test_text_that_is_not_json_is_invalid_json(text: str) -> None:
    assert validate_answer(text, ("de-DE",)).outcome == Outcome.INVALID_JSON


def test_json_that_is_not_an_object_is_schema_invalid() -> None:
    assert validate_answer("[]", ("de-DE",)).outcome == Outcome.SCHEMA_INVALID
