"""The totals of a batch: each request has one outcome, whatever lines came back."""

from collections.abc import Iterator
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


def tally(*outcomes: RequestOutcome, job_status: str = "completed") -> BatchTotals:
    batch = OpenAIBatch(
        batch_id="b", filename="f", created_at=NOW, run_id="r", category="c", job_status=job_status
    )

    def read() -> Iterator[RequestOutcome]:
        return iter(outcomes)

    return count_batch(SETTINGS, batch, MANIFEST, read)


def everything() -> list[RequestOutcome]:
    return [outcome(line, group, **GOOD) for line in MANIFEST for group in (0, 1)]


def test_every_request_counts_once_under_its_prompt() -> None:
    found = tally(*everything())
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
    assert (found.doubled, found.unknown, found.without_line) == (0, 0, set())


@pytest.mark.parametrize("stored_first", [True, False])
def test_of_two_lines_the_one_that_was_stored_counts(stored_first: bool) -> None:
    others, stored = everything()[1:], everything()[0]
    cut_off = outcome(0, 0, Outcome.TRUNCATED, prompt_tokens=7)
    pair = [stored, cut_off] if stored_first else [cut_off, stored]
    found = tally(pair[0], *others, pair[1])
    assert found.total.by_outcome == {Outcome.STORED: 6}
    assert found.total.prompt_tokens == 6_000
    assert (found.doubled, found.came_twice) == (1, {"000000-0"})


def test_of_three_failures_the_first_counts() -> None:
    three = [outcome(0, 0, what) for what in (Outcome.REFUSED, Outcome.TRUNCATED, Outcome.TRUNCATED)]
    found = tally(*three, *everything()[1:])
    assert found.total.by_outcome == {Outcome.REFUSED: 1, Outcome.STORED: 5}
    assert (found.doubled, found.came_twice) == (2, {"000000-0"})


@pytest.mark.parametrize(
    ("job_status", "what"),
    [
        ("completed", Outcome.MISSING),
        ("expired", Outcome.EXPIRED),
        ("cancelled", Outcome.CANCELLED),
        ("failed", Outcome.REQUEST_FAILED),
    ],
)
def test_what_has_no_line_counts_by_how_the_job_ended(job_status: str, what: Outcome) -> None:
    found = tally(*everything()[:4], outcome(9, 9, None), job_status=job_status)
    assert found.by_prompt["v1"].by_outcome == {Outcome.STORED: 4}
    assert found.by_prompt["v2-b"].by_outcome == {what: 2}
    assert found.without_line == {"000002-0", "000002-1"}
    assert found.unknown == 1
