"""Texts of language models with listed lapses, and the recorded findings of a second reader (../shared)."""

import re
from pathlib import Path

import pytest

from shared.content.quality import Severity
from shared.content.token_count import count_tokens
from shared.verification.reader_request import reader_requests
from tests.unit.verification import model_answers

PAGE = Path(__file__).parents[3] / "docs" / "verification.md"


def test_every_listed_lapse_is_in_its_text() -> None:
    lapses = [len(model_answers.case(name).lapses) for name in model_answers.FLAWED]
    assert lapses == [43, 42]


@pytest.mark.parametrize("name", model_answers.READ)
def test_every_finding_of_a_careful_reader_is_accepted(name: str) -> None:
    answer = model_answers.answer(name)
    assert not answer.faults
    assert len(answer.findings) >= 43


def test_what_the_recorded_reader_is_worth() -> None:
    score = model_answers.measured()
    assert (score.total.lapses, score.total.found) == (43, 43)
    assert (score.flawed, score.flawed_blocked) == (6, 6)
    assert (score.faithful, score.faithful_blocked) == (12, 0)
    # Talk of missing data is noted only: as an error it would reject every one of these texts.
    assert (score.total.false_errors, score.total.false_warnings, score.total.notes) == (0, 0, 90)
    assert not [each for each in score.false_findings if each[2] != Severity.NOTE]


def test_seven_locales_weigh_what_the_page_says() -> None:
    stated = re.search(r"\| input tokens \| ([\d,]+) \| ([\d,]+) \|", PAGE.read_text(encoding="utf-8"))
    assert stated is not None
    for name, tokens in zip(model_answers.FAITHFUL, stated.groups(), strict=True):
        case = model_answers.case(name)
        [request] = reader_requests(case.product, case.lines)
        assert len(case.locales) == 7
        assert f"{request.tokens:,}" == tokens
        answered = count_tokens(model_answers.recorded_answer(name))
        assert 3 * answered < request.most_output_tokens
