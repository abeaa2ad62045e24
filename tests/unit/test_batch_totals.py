"""The totals of a batch: one outcome for each request, whatever result lines came back."""

from collections.abc import Collection, Iterator
from typing import Any

import pytest

from shared.domain.batch import OpenAIBatch
from shared.domain.outcome import Outcome, RequestOutcome
from shared.results.batch_totals import BatchTotals, count_batch
from tests.conftest import make_settings
from tests.examples import NOW, sent

# Two products under one version of the prompt, one under another: six requests.
MANIFEST = {line: sent(line=line, prompt_version="v1" if line < 2 else "v2-b") for line in range(3)}
SETTINGS = make_settings()
GOOD: dict[str, Any] = {
    "locales_stored": 1,
    "scores": (90,),
    "prompt_tokens": 1_000,
    "completion_tokens": 500,
}


def outcome(line: int, group: int, what: Outcome | None = Outcome.STORED, **more: Any) -> RequestOutcome:
    return RequestOutcome.model_validate({"custom_id": f"{line:06d}-{group}", "outcome": what, **more})


def totals(*outcomes: RequestOutcome, job_status: str = "completed") -> BatchTotals:
    batch = OpenAIBatch(
        batch_id="b", filename="f", created_at=NOW, run_id="r", category="c", job_status=job_status
    )

    def read() -> Iterator[RequestOutcome]:
        return iter(outcomes)

    return count_batch(SETTINGS, batch, MANIFEST, read, worst_cases)


def worst_cases(custom_ids: Collection[str]) -> dict[str, dict[str, int]]:
    worst = {"prompt_tokens": 2_000, "completion_tokens": 4_000, "cached_tokens": 0}
    return dict.fromkeys(custom_ids, worst)


def everything() -> list[RequestOutcome]:
    return [outcome(line, group, **GOOD) for line in MANIFEST for group in (0, 1)]


def test_every_request_counts_once_under_its_prompt() -> None:
    found = totals(*everything())
    assert {name: (each.products, each.requests) for name, each in found.by_prompt.items()} == {
        "v1": (2, 4),
        "v2-b": (1, 2),
    }
    total = found.total
    assert (total.by_outcome, total.scored, total.score_sum, total.score_squares) == (
        {Outcome.STORED: 6}, 6, 540, 48_600,
    )  # fmt: skip
    assert (total.prompt_tokens, total.completion_tokens, found.locales) == (6_000, 3_000, 6)
    assert total.cost == pytest.approx(6 * SETTINGS.cost_of(1_000, 500))
    assert (found.duplicate_lines, found.unknown_lines, found.unanswered_ids) == (0, 0, set())


@pytest.mark.parametrize("stored_first", [True, False])
def test_of_two_lines_the_stored_one_counts(stored_first: bool) -> None:
    others, stored = everything()[1:], everything()[0]
    cut_off = outcome(0, 0, Outcome.TRUNCATED, prompt_tokens=7)
    pair = [stored, cut_off] if stored_first else [cut_off, stored]
    found = totals(pair[0], *others, pair[1])
    assert found.total.by_outcome == {Outcome.STORED: 6}
    assert found.total.prompt_tokens == 6_000
    assert (found.duplicate_lines, found.duplicate_ids) == (1, {"000000-0"})


def test_of_three_failures_the_first_counts() -> None:
    three = [outcome(0, 0, what) for what in (Outcome.REFUSED, Outcome.TRUNCATED, Outcome.TRUNCATED)]
    found = totals(*three, *everything()[1:])
    assert found.total.by_outcome == {Outcome.REFUSED: 1, Outcome.STORED: 5}
    assert (found.duplicate_lines, found.duplicate_ids) == (2, {"000000-0"})


@pytest.mark.parametrize(
    ("job_status", "what"),
    [
        ("completed", Outcome.MISSING),
        ("expired", Outcome.EXPIRED),
        ("cancelled", Outcome.CANCELLED),
        ("failed", Outcome.REQUEST_FAILED),
    ],
)
def test_a_request_without_a_line_counts_by_the_status_of_its_job(job_status: str, what: Outcome) -> None:
    found = totals(*everything()[:4], outcome(9, 9, None), job_status=job_status)
    assert found.by_prompt["v1"].by_outcome == {Outcome.STORED: 4}
    assert found.by_prompt["v2-b"].by_outcome == {what: 2}
    assert found.unanswered_ids == {"000002-0", "000002-1"}
    assert found.unknown_lines == 1


def test_a_request_without_usage_counts_at_its_worst_case_and_is_named() -> None:
    lacking = outcome(0, 0, **{**GOOD, "prompt_tokens": 0, "completion_tokens": 0}, lacks_usage=True)
    found = totals(lacking, *everything()[1:])
    assert found.without_usage == 1
    assert (found.total.prompt_tokens, found.total.completion_tokens) == (7_000, 6_500)
    assert found.total.cost == pytest.approx(
        5 * SETTINGS.cost_of(1_000, 500) + SETTINGS.cost_of(2_000, 4_000)
    )


def test_of_two_lines_only_the_one_that_counts_is_counted() -> None:
    lacking = outcome(0, 0, Outcome.REFUSED, lacks_usage=True)
    found = totals(lacking, *everything())
    assert (found.without_usage, found.duplicate_lines) == (0, 1)
