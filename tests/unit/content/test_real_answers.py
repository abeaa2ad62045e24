"""Six real Azure result lines, written without a schema by an earlier system, through today's parser.

They are read in place and skipped where they are absent.
"""

from typing import Any

import orjson

from shared.content.answer_validation import judge
from shared.content.locales import LOCALES
from shared.domain.outcome import Outcome
from shared.openai_batch.result_lines import read_result_line
from tests.unit.content.real import SECTIONS, localised, real_lines

Json = dict[str, Any]


def adapted(sections: Json) -> Json:
    """A real locale, one sentence a section, in the shape of today's sections."""
    said = {name: sections[name][:160] for name in SECTIONS}
    short = {name: sections[name][:50] for name in SECTIONS}
    reason = {"title": short["purchase_decision"], "description": said["purchase_decision"]}
    audience = {"user_type": short["purchase_decision"], "reason": said["purchase_decision"]}
    sound = ("tonal_profile", "pickups", "clean_sound", "driven_sound")
    return {
        "basic_info": {
            "seo_title": short["basic_info"],
            "meta_description": said["basic_info"],
            "overview": said["basic_info"],
            "key_features": [short["basic_info"]] * 3,
        },
        "technical_analysis": {
            "sound_characteristics": dict.fromkeys(sound, said["technical_analysis"]),
            "build_quality": said["technical_analysis"],
            "playability": said["technical_analysis"],
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
            "skill_development": said["usage_guidance"],
        },
        "maintenance_care": {
            "care_instructions": said["maintenance_care"],
            "common_issues": [short["maintenance_care"]],
            "upgrade_potential": said["maintenance_care"],
        },
        "professional_assessment": {
            "standout_features": [short["professional_assessment"]] * 2,
            "limitations": [short["professional_assessment"]],
            "competitive_position": said["professional_assessment"],
        },
        "qa": [{"question": short["purchase_decision"], "answer": said["basic_info"]}] * 3,
    }


def test_finish_reason_and_usage_are_those_of_the_raw_line() -> None:
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


def test_all_seven_locales_of_each_are_content_once_adapted() -> None:
    for raw in real_lines():
        texts = localised(read_result_line(raw).text)
        answer = {locale: adapted(texts[locale]) for locale in LOCALES}
        verdict = judge(orjson.dumps(answer).decode(), LOCALES)
        assert (verdict.outcome, verdict.reason) == (Outcome.STORED, "")
        assert list(verdict.contents) == list(LOCALES)
        for locale, content in verdict.contents.items():
            assert content.basic_info.overview == texts[locale]["basic_info"][:160].strip()


def test_as_they_are_each_locale_is_missing_by_name() -> None:
    for raw in real_lines():
        verdict = judge(read_result_line(raw).text, LOCALES)
        assert (verdict.outcome, verdict.contents) == (Outcome.SCHEMA_INVALID, {})
        assert verdict.faults == {locale: f"{locale}: missing from the answer" for locale in LOCALES}
        assert "not asked for, ignored" in verdict.reason


def test_their_locales_as_they_are_fail_by_the_name_of_each_field() -> None:
    for raw in real_lines():
        verdict = judge(orjson.dumps(localised(read_result_line(raw).text)).decode(), LOCALES)
        assert (verdict.outcome, verdict.contents) == (Outcome.SCHEMA_INVALID, {})
        for locale in LOCALES:
            assert f"{locale}.basic_info: " in verdict.faults[locale]
            assert "and 5 more" in verdict.faults[locale]  # four sections, qa, and the invented reviews
