"""Six real Azure result lines, written without a schema by an earlier system, through today's parser.

They are read in place and skipped where they are absent.
"""

from typing import Any

import orjson
import pytest

from shared.content.answers import judge
from shared.content.locales import LOCALES
from shared.models.outcome import Outcome
from shared.openai_batch.result_lines import read_result_line
from tests.conftest import shared_file

SECTIONS = (
    "basic_info", "technical_analysis", "purchase_decision", "usage_guidance", "maintenance_care",
    "professional_assessment",
)  # fmt: skip

Json = dict[str, Any]


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return shared_file("azure-batch-samples/results-6.jsonl").read_bytes().splitlines()


def localised(text: str) -> Json:
    """The map of locales in an answer, wherever its author put it."""
    answer = orjson.loads(text)
    product = answer.get("product", answer)
    return dict(product.get("localized_content") or product["localization"])


def adapted(sections: Json) -> Json:
    """A real locale, one sentence a section, in the shape of today's sections."""
    said = {name: sections[name][:300] for name in SECTIONS}
    reason = {"title": said["purchase_decision"][:60], "description": said["purchase_decision"]}
    return {
        "basic_info": {"overview": said["basic_info"], "key_features": [said["basic_info"]] * 3},
        "technical_analysis": dict.fromkeys(
            ("sound_characteristics", "build_quality", "playability"), said["technical_analysis"]
        ),
        "purchase_decision": {
            "why_buy": [reason] * 2,
            "why_not_buy": [reason],
            "best_for": [said["purchase_decision"]] * 2,
            "not_ideal_for": [said["purchase_decision"]],
        },
        "usage_guidance": {
            "recommended_companions": [said["usage_guidance"]] * 2,
            "suitable_styles": [said["usage_guidance"]] * 2,
            "skill_development": said["usage_guidance"],
        },
        "maintenance_care": {
            "care_instructions": said["maintenance_care"],
            "common_issues": [said["maintenance_care"]],
        },
        "professional_assessment": {
            "standout_features": [said["professional_assessment"]] * 2,
            "limitations": [said["professional_assessment"]],
            "competitive_position": said["professional_assessment"],
        },
        "qa": [{"question": reason["title"], "answer": said["basic_info"]}] * 3,
    }


def test_finish_reason_and_usage_are_those_of_the_raw_line(lines: list[bytes]) -> None:
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


def test_all_seven_locales_of_each_are_content_once_adapted(lines: list[bytes]) -> None:
    for raw in lines:
        texts = localised(read_result_line(raw).text)
        answer = {locale: adapted(texts[locale]) for locale in LOCALES}
        verdict = judge(orjson.dumps(answer).decode(), LOCALES)
        assert (verdict.outcome, verdict.reason) == (Outcome.STORED, "")
        assert list(verdict.contents) == list(LOCALES)
        for locale, content in verdict.contents.items():
            assert content.basic_info.overview == texts[locale]["basic_info"][:300].strip()


def test_as_they_are_each_locale_is_missing_by_name(lines: list[bytes]) -> None:
    for raw in lines:
        verdict = judge(read_result_line(raw).text, LOCALES)
        assert (verdict.outcome, verdict.contents) == (Outcome.SCHEMA_INVALID, {})
        assert verdict.faults == {locale: f"{locale}: missing from the answer" for locale in LOCALES}
        assert "not asked for, ignored" in verdict.reason


def test_their_locales_as_they_are_fail_by_the_name_of_each_field(lines: list[bytes]) -> None:
    for raw in lines:
        verdict = judge(orjson.dumps(localised(read_result_line(raw).text)).decode(), LOCALES)
        assert (verdict.outcome, verdict.contents) == (Outcome.SCHEMA_INVALID, {})
        for locale in LOCALES:
            assert f"{locale}.basic_info: " in verdict.faults[locale]
            assert "and 5 more" in verdict.faults[locale]  # four sections, qa, and the invented reviews
