"""Faithful answers of a language model (see model_answers/README.md) pass validation and checks."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from shared.content.answer_validation import AnswerResult, validate_answer
from shared.content.planning import plan_content
from shared.content.quality import Severity, build_context, read_locale_texts, read_source_record, run_checks
from shared.content.text_fields import text_fields
from shared.domain.content_plan import ContentPlan
from shared.domain.outcome import Outcome
from shared.domain.product import ProductRecord

FILE = Path(__file__).parent / "model_answers" / "answers.jsonl"
ANSWERS: list[dict[str, Any]] = [orjson.loads(line) for line in FILE.read_bytes().splitlines()]
NAMES = [answer["record"]["name"] for answer in ANSWERS]


def plan_of(answer: dict[str, Any]) -> ContentPlan:
    """The plan that the request was made by, which later versions may change."""
    plan = plan_content(ProductRecord(**answer["record"]))
    return plan.model_copy(update={"depth": answer["depth"], "parts": tuple(answer["parts"])})


def validated(answer: dict[str, Any]) -> AnswerResult:
    words = read_source_record(ProductRecord(**answer["record"])).words
    text = orjson.dumps(answer["answer"]).decode()
    locales = tuple(answer["locales"])
    return validate_answer(text, locales, plan_of(answer), facts=True, record_words=words)


def test_there_are_thin_usual_and_rich_records_and_each_language() -> None:
    assert {answer["depth"] for answer in ANSWERS} == {"minimal", "short", "standard", "full"}
    locales = {locale for answer in ANSWERS for locale in answer["locales"]}
    assert {locale[:2] for locale in locales} == {"de", "en", "es", "fr", "it", "pt"}


@pytest.mark.parametrize("answer", ANSWERS, ids=NAMES)
def test_a_faithful_answer_is_stored_without_an_error(answer: dict[str, Any]) -> None:
    result = validated(answer)
    assert (result.outcome, result.faults) == (Outcome.STORED, {})
    assert set(result.contents) == set(answer["locales"])
    source = read_source_record(ProductRecord(**answer["record"]))
    texts = read_locale_texts(source, result.contents)
    for locale in result.contents:
        assessment = run_checks(build_context(source, locale, texts, plan=plan_of(answer)))
        assert [str(finding) for finding in assessment.findings if finding.severity == Severity.ERROR] == []
        assert assessment.passes(90)


def test_texts_grow_with_what_the_record_holds() -> None:
    words: dict[str, list[int]] = {}
    for answer in ANSWERS:
        for content in validated(answer).contents.values():
            words.setdefault(answer["depth"], []).append(
                sum(len(field.text.split()) for field in text_fields(content))
            )
    means = {depth: sum(counts) / len(counts) for depth, counts in words.items()}
    assert means["minimal"] < means["short"] < means["standard"] < means["full"]
