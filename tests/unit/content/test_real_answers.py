"""Six real result lines of Azure, written without a schema by an earlier system, in the current parser."""

from typing import Any

import orjson

from shared.content.answer_validation import validate_answer
from shared.content.locales import LOCALES
from shared.domain.outcome import Outcome
from shared.openai_batch.result_lines import read_result_line
from tests.unit.content.real_data import SECTIONS, localised, real_lines

Json = dict[str, Any]


def adapted(sections: Json) -> Json:
    """A real locale, one text per section, in the form of the current sections."""
    long = {name: sections[name][:160] for name in SECTIONS}
    short = {name: sections[name][:50] for name in SECTIONS}
    reason = {"title": short["purchase_decision"], "description": long["purchase_decision"]}
    audience = {"user_type": short["purchase_decision"], "reason": long["purchase_decision"]}
    sound = ("tonal_profile", "pickups", "clean_sound", "driven_sound")
    return {
        "basic_info": {
            "seo_title": short["basic_info"],
            "meta_description": long["basic_info"],
            "overview": long["basic_info"],
            "key_features": [short["basic_info"]] * 3,
        },
        "technical_analysis": {
            "sound_characteristics": dict.fromkeys(sound, long["technical_analysis"]),
            "build_quality": long["technical_analysis"],
            "playability": long["technical_analysis"],
        },
        "purchase_decision": {
            "why_buy": [reason] * 2,
            "why_not_buy": [reason],
            "best_for": [audience] * 2,
            "not_ideal_for": [audience],
        },
        "usage_guidance": {
            "recommended_companions": [short["usage_guidance"]] * 2,
            "suitable_styles": {
                "excellent": [short["usage_guidance"]] * 2,
                "good": [short["usage_guidance"]],
                "limited": [short["usage_guidance"]],
            },
            "skill_development": long["usage_guidance"],
        },
        "maintenance_care": {
            "care_instructions": long["maintenance_care"],
            "common_issues": [short["maintenance_care"]],
            "upgrade_potential": long["maintenance_care"],
        },
        "professional_assessment": {
            "standout_features": [short["professional_assessment"]] * 2,
            "limitations": [short["professional_assessment"]],
            "competitive_position": long["professional_assessment"],
        },
        "qa": [{"question": short["purchase_decision"], "answer": long["basic_info"]}] * 3,
    }


def test_finish_reason_and_usage_match_the_raw_line() -> None:
    lines = real_lines()
    assert len(lines) == 6
    for raw in lines:
        data = orjson.loads(raw)
        body = data["response"]["body"]
        result = read_result_line(raw)
        assert (result.custom_id, result.model) == (data["custom_id"], body["model"])
        assert body["choices"][0]["finish_reason"] == "stop"
        assert (result.failure, result.text) == (None, body["choices"][0]["message"]["content"])
        usage = body["usage"]
        assert (result.prompt_tokens, result.completion_tokens) == (
            usage["prompt_tokens"],
            usage["completion_tokens"],
        )


def test_all_seven_locales_are_valid_after_adaptation() -> None:
    for raw in real_lines():
        texts = localised(read_result_line(raw).text)
        answer = {locale: adapted(texts[locale]) for locale in LOCALES}
        result = validate_answer(orjson.dumps(answer).decode(), LOCALES, None)
        assert (result.outcome, result.reason) == (Outcome.STORED, "")
        assert list(result.contents) == list(LOCALES)
        for locale, content in result.contents.items():
            assert content.basic_info.overview == texts[locale]["basic_info"][:160].strip()


def test_without_adaptation_each_locale_is_reported_as_missing() -> None:
    for raw in real_lines():
        result = validate_answer(read_result_line(raw).text, LOCALES, None)
        assert (result.outcome, result.contents) == (Outcome.SCHEMA_INVALID, {})
        assert result.faults == {locale: f"{locale}: missing from the answer" for locale in LOCALES}
        assert "not asked for, ignored" in result.reason


def test_unadapted_locales_are_invalid_and_each_fault_names_its_field() -> None:
    for raw in real_lines():
        result = validate_answer(orjson.dumps(localised(read_result_line(raw).text)).decode(), LOCALES, None)
        assert (result.outcome, result.contents) == (Outcome.SCHEMA_INVALID, {})
        for locale in LOCALES:
            assert f"{locale}.basic_info: " in result.faults[locale]
            assert "and 3 more" in result.faults[locale]  # the other sections
