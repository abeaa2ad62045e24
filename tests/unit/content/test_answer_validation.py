from typing import Any

import orjson
import pytest

from shared.content.answer_validation import validate_answer
from shared.content.planning import plan_content
from shared.domain.outcome import Outcome
from tests.examples import answer_text, earlier_facts, locale_answer, locale_content, plan, product


def validated(texts: dict[str, Any], *locales: str) -> Any:
    return validate_answer(answer_text(texts), locales or tuple(texts), plan())


def test_a_valid_answer_is_stored_content() -> None:
    result = validated({"de-DE": locale_answer(), "en-GB": locale_answer()})
    assert (result.outcome, result.reason, result.faults) == (Outcome.STORED, "", {})
    assert list(result.contents) == ["de-DE", "en-GB"]
    content = result.contents["de-DE"]
    assert content.basic_info.overview.startswith("Ardena Halcyon 110")
    assert content.technical_analysis.sound_characteristics.keys() == {"tonal_profile", "pickups"}
    assert content.usage_guidance.recommended_companions == ["a small valve amplifier", "a padded bag"]
    assert content.usage_guidance.suitable_styles.good == ["pop"]


def test_null_and_empty_lists_are_absent_and_good() -> None:
    empty = {name: [] if isinstance(value, list) else None for name, value in locale_answer().items()}
    kept = {
        name: locale_answer()[name] for name in ("overview", "seo_title", "meta_description", "key_features")
    }
    result = validated({"de-DE": {**empty, **kept}})
    assert (result.outcome, result.reason) == (Outcome.STORED, "")
    content = result.contents["de-DE"]
    assert content.technical_analysis.build_quality is None
    assert content.technical_analysis.sound_characteristics == {}
    assert content.purchase_decision.why_buy == content.qa == []


@pytest.mark.parametrize("name", ["overview", "seo_title", "meta_description"])
def test_what_every_record_can_carry_cannot_be_null(name: str) -> None:
    result = validated({"de-DE": {**locale_answer(), name: None}})
    assert f"de-DE.{name}: " in result.reason
    assert result.contents == {}


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("overview",), "", "de-DE.overview: "),
        (("key_features",), [], "de-DE.key_features: "),
        (("release_year",), "1998", "de-DE.release_year: Extra inputs"),
        (("upgrade_potential",), "Strings can be changed.", "de-DE.upgrade_potential: Extra inputs"),
        (("why_buy", 1, "title"), "x" * 400, "de-DE.why_buy.1.title: "),
        (("playability",), "See https://example.com for the full story.", "link"),
        (("care_instructions",), "Write to help@example.com about its care.", "link"),
        (("companions",), ["a strap", "a bag\x07"], "control characters"),
        (("qa",), "none", "de-DE.qa: "),
    ],
)
def test_each_fault_names_its_field(path: tuple[str | int, ...], value: object, message: str) -> None:
    content = locale_answer()
    parent: Any = content
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    result = validated({"de-DE": content})
    assert result.outcome == Outcome.SCHEMA_INVALID
    assert message in result.reason
    assert result.contents == {}


def test_a_part_that_is_missing_is_a_fault_although_it_may_be_null() -> None:
    content = locale_answer()
    del content["playability"]
    assert "de-DE.playability: Field required" in validated({"de-DE": content}).reason


def test_items_after_those_that_were_asked_for_are_left_out() -> None:
    features = [
        f"feature of the {word} kind" for word in ("one", "other", "third", "fourth", "fifth", "sixth")
    ]
    result = validated({"de-DE": {**locale_answer(), "key_features": features}})
    assert result.outcome == Outcome.STORED
    assert result.contents["de-DE"].basic_info.key_features == features[:5]


def test_an_invalid_locale_does_not_invalidate_a_valid_one() -> None:
    result = validated({"de-DE": {}, "en-GB": locale_answer()}, "de-DE", "en-GB", "fr-FR")
    assert result.outcome == Outcome.SCHEMA_INVALID
    assert list(result.contents) == ["en-GB"]
    assert set(result.faults) == {"de-DE", "fr-FR"}
    assert "fr-FR: missing" in result.reason


def test_a_locale_that_comes_twice_counts_once() -> None:
    answer = orjson.loads(answer_text({"de-DE": locale_answer("First")}))
    answer["texts"] += orjson.loads(answer_text({"de-DE": locale_answer("Second")}))["texts"]
    result = validate_answer(orjson.dumps(answer).decode(), ("de-DE",), plan())
    assert result.outcome == Outcome.STORED
    assert result.contents["de-DE"].basic_info.seo_title == "First"
    assert "texts.1: not asked for" in result.reason


def test_what_was_not_asked_for_is_reported_and_ignored() -> None:
    answer = orjson.loads(answer_text({"de-DE": locale_answer(), "xx-XX": {}}))
    answer["customer_reviews"] = "They love it"
    answer["texts"].append("stray")
    result = validate_answer(orjson.dumps(answer).decode(), ("de-DE",), plan())
    assert result.outcome == Outcome.STORED
    assert "customer_reviews: not asked for" in result.reason
    assert "xx-XX: not asked for" in result.reason
    assert list(result.contents) == ["de-DE"]


@pytest.mark.parametrize("texts", [None, "x", 7, {"de-DE": {}}, [None, 1, [], {"locale": 3}]])
def test_texts_of_another_shape_are_missing(texts: object) -> None:
    result = validate_answer(orjson.dumps({"texts": texts}).decode(), ("de-DE",), plan())
    assert result.faults == {"de-DE": "de-DE: missing from the answer"}


@pytest.mark.parametrize("text", ["", "{", '{"texts": ', "```json\n{}\n```", "\ud800", "[" * 100_000])
def test_text_that_is_not_json_is_invalid_json(text: str) -> None:
    assert validate_answer(text, ("de-DE",), plan()).outcome == Outcome.INVALID_JSON


def test_json_that_is_not_an_object_is_schema_invalid() -> None:
    assert validate_answer("[]", ("de-DE",), plan()).outcome == Outcome.SCHEMA_INVALID


def test_a_plan_of_another_depth_asks_for_other_parts() -> None:
    thin = plan_content(product(description="", specs={}))
    full = validate_answer(answer_text({"de-DE": locale_answer()}), ("de-DE",), thin)
    assert "de-DE.key_features: Extra inputs" in full.reason
    short = {name: locale_answer()[name] for name in thin.parts}
    assert validate_answer(answer_text({"de-DE": short}), ("de-DE",), thin).outcome == Outcome.STORED
    assert validate_answer(answer_text({"de-DE": short}), ("de-DE",), plan()).outcome != Outcome.STORED


def test_an_answer_to_a_request_of_the_version_before_is_read() -> None:
    """Its batch may be under way while the app is updated."""
    answer = {"facts": earlier_facts(), "de-DE": locale_content(), "en-GB": {"basic_info": {}}}
    text = orjson.dumps(answer).decode()
    result = validate_answer(text, ("de-DE", "en-GB"), None, facts=True)
    assert list(result.contents) == ["de-DE"]
    assert result.contents["de-DE"].purchase_decision.why_not_buy[0].title == "Few extras"
    assert "en-GB.basic_info.overview" in result.faults["en-GB"]
    assert result.facts is not None
    assert result.facts.skill_level == "beginner"
