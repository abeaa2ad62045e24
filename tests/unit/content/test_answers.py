from typing import Any

import orjson
import pytest

from shared.content.answer_validation import judge
from shared.domain.outcome import Outcome
from tests.examples import locale_content


def answer(**locales: Any) -> str:
    return orjson.dumps({name.replace("_", "-"): content for name, content in locales.items()}).decode()


def test_a_valid_answer_is_stored_content() -> None:
    verdict = judge(answer(de_DE=locale_content(), en_GB=locale_content()), ("de-DE", "en-GB"))
    assert (verdict.outcome, verdict.reason, verdict.faults) == (Outcome.STORED, "", {})
    assert list(verdict.contents) == ["de-DE", "en-GB"]


@pytest.mark.parametrize(
    ("path", "value", "said"),
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
def test_each_fault_names_its_field(path: tuple[str | int, ...], value: object, said: str) -> None:
    content = locale_content()
    place: Any = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    verdict = judge(answer(de_DE=content), ("de-DE",))
    assert verdict.outcome == Outcome.SCHEMA_INVALID
    assert said in verdict.reason
    assert verdict.contents == {}


def test_one_bad_locale_takes_nothing_from_the_good_one() -> None:
    verdict = judge(answer(de_DE={}, en_GB=locale_content()), ("de-DE", "en-GB", "fr-FR"))
    assert verdict.outcome == Outcome.SCHEMA_INVALID
    assert list(verdict.contents) == ["en-GB"]
    assert set(verdict.faults) == {"de-DE", "fr-FR"}
    assert "fr-FR: missing" in verdict.reason


def test_what_was_not_asked_for_is_said_and_dropped() -> None:
    verdict = judge(answer(de_DE=locale_content(), customer_reviews="They love it"), ("de-DE",))
    assert verdict.outcome == Outcome.STORED
    assert "customer-reviews: not asked for" in verdict.reason
    assert list(verdict.contents) == ["de-DE"]


@pytest.mark.parametrize("text", ["", "{", '{"de-DE": ', "```json\n{}\n```", "\ud800", "[" * 100_000])
def test_what_is_not_json_is_invalid_json(text: str) -> None:
    assert judge(text, ("de-DE",)).outcome == Outcome.INVALID_JSON


def test_json_that_is_no_object_is_schema_invalid() -> None:
    assert judge("[]", ("de-DE",)).outcome == Outcome.SCHEMA_INVALID
