"""Which findings of a reader count, what counts as its fault, and what becomes of them."""

from collections import Counter
from typing import Any

import orjson
import pytest

from shared.content.prompt_record import build_prompt_record
from shared.content.quality import Assessment, Severity, joined
from shared.content.reader_kinds import DEFAULT_SEVERITIES, ReaderKind, read_severities
from shared.content.text_fields import TextField
from shared.verification.numbered_lines import numbered
from shared.verification.reader_answer import ReaderAnswer, ReaderFault, read_answer
from shared.verification.reader_findings import quality_findings
from tests.conftest import make_settings
from tests.examples import product

PRODUCT = product(description='Mahogany body, maple neck, 24.75" scale.', specs={"frets": "22"})
RECORD = build_prompt_record(PRODUCT)
LINES = numbered(
    {
        "en-GB": [TextField("a", "A walnut body with 24 frets."), TextField("b", "A maple neck.")],
        "de-DE": [TextField("a", "Für Einsteiger geeignet.")],
    }
)


def finding(**changes: object) -> dict[str, Any]:
    return {
        "line": 1,
        "quote": "walnut body",
        "kind": "feature",
        "verdict": "unsupported",
        "record": "",
        **changes,
    }


def read(*findings: Any) -> ReaderAnswer:
    return read_answer(orjson.dumps({"findings": findings}).decode(), LINES, RECORD)


def test_a_finding_counts_at_the_place_of_its_words() -> None:
    answer = read(finding(), finding(line=3, quote="für einsteiger", kind="level", verdict="forbidden"))
    assert not answer.faults
    first, second = answer.findings
    assert (first.line.locale, first.line.field, first.start, first.end) == ("en-GB", "a", 2, 13)
    assert (second.line.locale, second.line.text[second.start : second.end]) == ("de-DE", "Für Einsteiger")


@pytest.mark.parametrize(
    "words", ["Mahogany body", "frets: 22", '"frets":"22"', '24.75" scale', "maple  neck."]
)
def test_a_contradiction_quotes_the_record(words: str) -> None:
    answer = read(finding(kind="contradiction", verdict="contradicted", record=words))
    assert [each.record_words for each in answer.findings] == [words]


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (finding(line=4), ReaderFault.UNKNOWN_LINE),
        (finding(line=2), ReaderFault.QUOTE_NOT_IN_LINE),
        (finding(quote="walnut neck"), ReaderFault.QUOTE_NOT_IN_LINE),
        (finding(quote=""), ReaderFault.QUOTE_NOT_IN_LINE),
        (finding(verdict="contradicted"), ReaderFault.NO_RECORD_WORDS),
        (finding(verdict="contradicted", record="ash body"), ReaderFault.RECORD_WORDS_NOT_IN_RECORD),
        (finding(record="not in the record"), ReaderFault.RECORD_WORDS_NOT_IN_RECORD),
        (finding(kind="beauty"), ReaderFault.BAD_FINDING),
        (finding(verdict="maybe"), ReaderFault.BAD_FINDING),
        (finding(line="en-GB|a"), ReaderFault.BAD_FINDING),
        ({"line": 1}, ReaderFault.BAD_FINDING),
        ("walnut", ReaderFault.BAD_FINDING),
    ],
)
def test_everything_else_is_a_fault_and_takes_nothing_from_the_rest(wrong: Any, fault: ReaderFault) -> None:
    answer = read(wrong, finding(quote="24 frets", kind="number"))
    assert [each.kind for each in answer.findings] == [ReaderKind.NUMBER]
    assert answer.faults == Counter([fault])
    assert answer.readable


def test_the_same_words_count_once() -> None:
    answer = read(finding(), finding(kind="other"))
    assert len(answer.findings) == 1
    assert answer.faults == Counter([ReaderFault.REPEATED])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", ReaderFault.NOT_JSON),
        ('{"findings": [', ReaderFault.NOT_JSON),
        ("[]", ReaderFault.NOT_FINDINGS),
        ("{}", ReaderFault.NOT_FINDINGS),
        ('{"findings": {}}', ReaderFault.NOT_FINDINGS),
    ],
)
def test_an_answer_that_is_none_leaves_its_lines_unread(text: str, fault: ReaderFault) -> None:
    answer = read_answer(text, LINES, RECORD)
    assert (answer.findings, answer.faults, answer.readable) == ((), Counter([fault]), False)


def test_an_empty_list_is_an_answer() -> None:
    answer = read()
    assert answer.readable
    assert not answer.faults


def test_findings_become_those_of_the_checks_by_locale() -> None:
    answer = read(
        finding(verdict="contradicted", record="Mahogany body", kind="contradiction"),
        finding(line=3, quote="Einsteiger", kind="level", verdict="forbidden"),
    )
    found = quality_findings(answer.findings)
    [english], [german] = found["en-GB"], found["de-DE"]
    assert (english.rule, english.severity, english.field) == ("reader_contradiction", Severity.ERROR, "a")
    assert (english.start, english.end, english.words) == (2, 13, "walnut body")
    assert english.advice == "The record says otherwise: «Mahogany body»."
    assert (german.rule, german.words) == ("reader_level", "Einsteiger")


def test_general_knowledge_is_never_held_against_a_text() -> None:
    [noted] = quality_findings(read(finding(verdict="general")).findings)["en-GB"]
    assert noted.severity == Severity.NOTE
    together = joined(Assessment(score=100), [noted])
    assert together.score == 100
    assert together.passes(100)
    assert together.reasons() == []
    assert together.findings == (noted,)


def test_what_the_reader_found_counts_with_what_the_rules_found() -> None:
    found = quality_findings(read(finding()).findings)["en-GB"]
    rules = Assessment(score=96, findings=())
    together = joined(rules, found)
    assert (together.score, together.passes(0)) == (70, False)
    assert "walnut body" in together.reasons()[0]


def test_severities_are_set_by_kind() -> None:
    severities = read_severities("grammar=error, feature=warning,level=note")
    assert severities[ReaderKind.GRAMMAR] == Severity.ERROR
    assert severities[ReaderKind.LEVEL] == Severity.NOTE
    assert severities[ReaderKind.PROMISE] == DEFAULT_SEVERITIES[ReaderKind.PROMISE]
    [found] = quality_findings(read(finding()).findings, severities)["en-GB"]
    assert found.severity == Severity.WARNING
    assert make_settings(verification_kinds="term=note").verification_kinds[ReaderKind.TERM] == Severity.NOTE
    assert make_settings().verification_kinds == DEFAULT_SEVERITIES


@pytest.mark.parametrize("text", ["grammar", "beauty=error", "grammar=fatal", "=error"])
def test_severities_of_another_form_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be kinds with a severity"):
        read_severities(text)
