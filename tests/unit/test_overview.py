"""The calculations behind the overview: counts of rows, totals by day, score bands, and timer schedules."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from shared.domain.batch import OpenAIBatch
from shared.domain.outcome import Outcome, OutcomeCounts
from shared.domain.states import ProductStatus
from shared.monitoring.failure_causes import ADVICE, failures_by_cause
from shared.monitoring.timer_schedules import next_times
from shared.monitoring.trends import totals_by_day
from shared.openai_batch.remedies import remedy_for
from shared.persistence.category_counts import CategoryCounts, Failure, score_band
from shared.persistence.category_summaries import CategorySummary
from tests.examples import NOW


def row(status: str, outcomes: dict[str, str], **properties: Any) -> dict[str, Any]:
    fields = {"RowKey": "P", "openai_processing_status": status, "standing": orjson.dumps(outcomes).decode()}
    return {**fields, **properties}


def test_rows_are_counted_by_state_locale_and_cause() -> None:
    counts = CategoryCounts()
    refused = {"de-DE": "refused", "en-GB": "stored", "fr-FR": "truncated"}
    counts.add(row("completed", {"de-DE": "stored", "en-GB": "stored"}, scores='{"de-DE": 88, "en-GB": 100}'))
    counts.add(row("pending", refused, attempts=1, due_at=NOW, RowKey="A", openai_error_message="Missing"))
    counts.add(row("failed", {"de-DE": "refused", "en-GB": "stored"}, attempts=2, RowKey="B"))
    counts.add(row("completed", {"de-DE": "stored"}, discontinued_at=NOW))
    assert counts.by_status == {
        ProductStatus.COMPLETED: 1,
        ProductStatus.PENDING: 1,
        ProductStatus.FAILED: 1,
    }
    assert counts.discontinued == 1
    assert counts.stored == {"de-DE": 1, "en-GB": 3}
    assert (counts.backing_off, counts.next_due) == (1, NOW)
    assert counts.scores == {85: 1, 100: 1}
    assert counts.failures == {
        Outcome.REFUSED: Failure(
            outcome=Outcome.REFUSED,
            products=2,
            given_up=1,
            locales={"de-DE": 2},
            sample_id="A",
            sample="Missing",
        ),
        Outcome.TRUNCATED: Failure(
            outcome=Outcome.TRUNCATED,
            products=1,
            locales={"fr-FR": 1},
            sample_id="A",
            sample="Missing",
        ),
    }


@pytest.mark.parametrize(
    "properties",
    [
        {"openai_processing_status": "processing", "attempts": 1},
        {"openai_processing_status": "pending", "attempts": 0},
    ],
    ids=["in a batch", "pending again"],
)
def test_a_product_that_is_tried_again_is_no_failure(properties: dict[str, Any]) -> None:
    counts = CategoryCounts()
    counts.add({**row("pending", {"de-DE": "refused"}), **properties})
    assert counts.failures == {}
    assert counts.backing_off == 0


def test_causes_are_summed_over_categories_and_the_example_is_a_product_that_was_given_up() -> None:
    def summary(category: str, **failure: Any) -> CategorySummary:
        failed = Failure(outcome=Outcome.REFUSED, locales={"de-DE": 1}, sample_id=category, **failure)
        return CategorySummary(category=category, name=category, as_of=NOW, failures=[failed])

    (cause,) = failures_by_cause([summary("organs", products=3), summary("harps", products=2, given_up=1)])
    assert (cause.products, cause.given_up, cause.locales) == (5, 1, {"de-DE": 2})
    assert (cause.categories, cause.sample_id) == (["organs", "harps"], "harps")


def test_there_is_advice_for_every_failure() -> None:
    assert set(ADVICE) == set(Outcome) - {Outcome.STORED}


@pytest.mark.parametrize(
    ("job_error", "setting"),
    [
        ("401: Access denied", "OPENAI_API_KEY"),
        ("model_not_found: gone", "AZURE_OPENAI_DEPLOYMENT_NAME"),
        ("internal_server_error: The job failed", None),
        (None, None),
    ],
)
def test_only_an_error_that_a_person_must_correct_has_a_remedy(
    job_error: str | None, setting: str | None
) -> None:
    remedy = remedy_for(job_error)
    assert remedy is None if setting is None else setting in str(remedy)


def test_the_remedy_of_a_further_deployment_says_where_its_settings_are() -> None:
    assert "deployment sweden are in its entry of MORE_DEPLOYMENTS" in str(
        remedy_for("401: denied", "sweden")
    )


def test_each_day_sums_the_batches_that_ended_on_it() -> None:
    def batch(day: int, **fields: Any) -> OpenAIBatch:
        known = {"batch_id": "b", "filename": "f", "run_id": "r", "category": "c", "created_at": NOW}
        counts = OutcomeCounts(by_outcome={Outcome.STORED: 3, Outcome.REFUSED: 1})
        ended = datetime(2026, 11, day, 23, 59, tzinfo=UTC)
        return OpenAIBatch(**known, counts=counts, completed_at=ended, cost=0.1, prompt_tokens=10, **fields)

    days = totals_by_day([batch(24), batch(23), batch(24)])
    assert [(day.day.day, day.batches, day.stored, day.failed) for day in days] == [
        (23, 1, 3, 1),
        (24, 2, 6, 2),
    ]
    assert (days[1].prompt_tokens, days[1].cost) == (20, 0.2)


def test_a_score_belongs_to_a_band_of_five() -> None:
    assert [score_band(score) for score in (0, 4, 5, 94, 99, 100)] == [0, 0, 5, 90, 95, 100]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("0 */5 * * * *", datetime(2026, 11, 24, 3, 5, tzinfo=UTC)),
        ("0 0 2 * * *", datetime(2026, 11, 25, 2, 0, tzinfo=UTC)),
        # Day and weekday must both match: this is the first Monday that is a 1st.
        ("0 0 2 1 * 1", datetime(2027, 2, 1, 2, 0, tzinfo=UTC)),
        ("00:05:00", None),
        ("", None),
    ],
)
def test_a_timer_runs_next_as_its_schedule_says(schedule: str, expected: datetime | None) -> None:
    assert next_times(NOW, {"NIGHTLY_SCHEDULE": schedule})["nightly"] == expected


def test_a_disabled_timer_has_no_next_time() -> None:
    environment = {"NIGHTLY_SCHEDULE": "0 0 2 * * *", "AzureWebJobs.nightly.Disabled": "true"}
    assert next_times(NOW, environment)["nightly"] is None
