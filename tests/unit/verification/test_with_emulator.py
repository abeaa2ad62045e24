"""The whole way with the emulator as writer and as reader: what the rules let pass, the reader finds."""

from typing import Any

import orjson
import pytest

from local.openai_emulator.answer_writer import LAPSES
from local.openai_emulator.completions import complete
from local.openai_emulator.config import Deployment, DeploymentType
from shared.content.answer_validation import validate_answer
from shared.content.locales import LOCALES
from shared.content.planning import plan_content
from shared.content.prompt_record import build_prompt_record
from shared.content.quality import check_content, joined
from shared.content.sections import LocaleContent
from shared.content.text_fields import text_fields
from shared.openai_batch.request_lines import request_body
from shared.openai_batch.result_lines import read_completion
from shared.verification.numbered_lines import numbered
from shared.verification.reader_answer import ReaderAnswer, ReaderFault, read_answer
from shared.verification.reader_findings import quality_findings
from shared.verification.reader_request import reader_requests
from tests.conftest import make_settings
from tests.examples import product

DEPLOYMENT = Deployment("b", "gpt-4.1-2025-04-14", DeploymentType.BATCH)
PRODUCT = product()
PLAN = plan_content(PRODUCT)
KINDS = {
    "unsupported_feature": "feature", "contradiction": "contradiction", "wrong_part": "wrong_part",
    "promise": "promise", "level": "level", "price_talk": "price",
}  # fmt: skip


def ask(body: dict[str, Any], **effects: Any) -> tuple[Any, str]:
    """Failure and text of the emulator's answer."""
    answer = complete(body, DEPLOYMENT, "seed", 1_750_000_000, effects)
    failure, _, text = read_completion(answer.body)
    return failure, text


def written(**effects: Any) -> dict[str, LocaleContent]:
    contents: dict[str, LocaleContent] = {}
    for locale in LOCALES:
        body = request_body(make_settings(), "b", PRODUCT, PLAN, (locale,))
        _, text = ask(body, **effects)
        verdict = validate_answer(text, (locale,), PLAN)
        assert not verdict.faults
        contents |= verdict.contents
    return contents


def read(contents: dict[str, LocaleContent], **effects: Any) -> ReaderAnswer:
    lines = numbered({locale: text_fields(content) for locale, content in contents.items()})
    [request] = reader_requests(PRODUCT, lines)
    failure, text = ask(request.body("b"), **effects)
    assert failure is None
    return read_answer(text, lines, build_prompt_record(PRODUCT))


@pytest.mark.parametrize("lapse", LAPSES)
def test_a_lapse_that_the_rules_let_pass_is_kept_out_by_the_reader(lapse: str) -> None:
    contents = written(**{lapse: True})
    answer = read(contents)
    assert not answer.faults
    found = quality_findings(answer.findings)
    assert set(found) == set(LOCALES)
    for locale, content in contents.items():
        by_rules = check_content(PRODUCT, locale, content)
        assert by_rules.passes(70), by_rules.reasons()
        assert [each.rule for each in found[locale]] == [f"reader_{KINDS[lapse]}"]
        assert not joined(by_rules, found[locale]).passes(0)


def test_faithful_texts_have_no_findings() -> None:
    answer = read(written())
    assert (answer.findings, dict(answer.faults)) == ((), {})


@pytest.mark.parametrize(
    ("effect", "fault"),
    [
        ("false_quote", ReaderFault.QUOTE_NOT_IN_LINE),
        ("false_record", ReaderFault.RECORD_WORDS_NOT_IN_RECORD),
        ("unknown_line", ReaderFault.UNKNOWN_LINE),
    ],
)
def test_what_the_reader_makes_up_is_its_fault(effect: str, fault: ReaderFault) -> None:
    answer = read(written(promise=True), **{effect: True})
    assert dict(answer.faults) == {fault: 1}
    assert len(answer.findings) == len(LOCALES)


def test_broken_json_is_no_answer() -> None:
    answer = read(written(), broken_json=True)
    assert dict(answer.faults) == {ReaderFault.NOT_JSON: 1}
    assert not answer.readable


def test_a_reader_may_refuse_and_be_cut_off() -> None:
    lines = numbered({"de-DE": text_fields(written()["de-DE"])})
    [request] = reader_requests(PRODUCT, lines)
    assert ask(request.body("b"), refusal=True)[0] == "refused"
    assert ask(request.body("b"), finish_reason="length")[0] == "truncated"
    assert orjson.loads(ask(request.body("b"))[1]) == {"findings": []}
