"""Batches with one cause are one alert, with what to correct. A job that stays long in a state is named."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.capacity.reservations import Amounts
from shared.domain.batch import OpenAIBatch
from shared.domain.run import ImportReport
from shared.domain.states import BatchStatus, ProductStatus, TaskStatus
from shared.domain.task import Export
from shared.domain.wait_reason import WaitReason
from shared.monitoring.alert_models import Action, Alert, AlertSeverity
from shared.monitoring.alerts import alerts
from shared.monitoring.snapshot import Snapshot
from shared.persistence.category_summaries import CategorySummary
from shared.persistence.entity_codec import decode, encode
from tests.examples import NOW

LISTS = ("runs", "imports", "unseen_imports", "requeueings", "unseen_requeueings", "exports",
         "unseen_exports", "audit_entries", "timers", "deployments", "unknown_categories")  # fmt: skip


def batch(number: int = 0, **fields: Any) -> OpenAIBatch:
    known: dict[str, Any] = {"filename": "f", "run_id": "r", "created_at": NOW, "product_count": 2}
    return OpenAIBatch(batch_id=f"b{number}", category=f"kind-{number}", **{**known, **fields})


def alerts_of(*batches: OpenAIBatch, now: datetime = NOW, **more: Any) -> list[Alert]:
    pending = CategorySummary(category="c", name="C", as_of=NOW, by_status={ProductStatus.PENDING: 9})
    empty: dict[str, Any] = {name: [] for name in LISTS}
    fields = {**empty, "next_times": {}, "month": Amounts(), "summaries": [pending], **more}
    return alerts(Snapshot(now=now, batches=list(batches), **fields))


def test_thirteen_batches_with_one_error_are_one_entry_led_by_the_remedy() -> None:
    failed = [
        batch(n, status=BatchStatus.FAILED, job_error=f"model_not_found: no {n}", completed_at=NOW)
        for n in range(13)
    ]
    [alert] = alerts_of(*failed)
    assert (alert.title, alert.count, alert.severity) == ("13 batches failed", 13, AlertSeverity.ALARM)
    assert alert.remedy == "The deployment does not exist: check AZURE_OPENAI_DEPLOYMENT_NAME."
    assert alert.acts == []
    assert (len(alert.batch_ids), alert.batch_id, alert.category) == (13, None, None)


def test_another_cause_is_another_entry() -> None:
    failed = {"status": BatchStatus.FAILED, "completed_at": NOW}
    found = alerts_of(
        batch(1, job_error="model_not_found: x", **failed),
        batch(2, job_error="internal_error: x", **failed),
        batch(3, job_error="internal_error: y", **failed),
        batch(4, status=BatchStatus.EXPIRED, completed_at=NOW),
    )
    assert sorted((alert.title, alert.count) for alert in found) == [
        ("2 batches failed", 2),
        ("A batch expired", 1),
        ("A batch failed", 1),
    ]
    assert all(alert.acts == [Action.START_RUN] for alert in found if alert.remedy is None)


def test_batches_that_are_stuck_in_one_way_are_one_entry_with_actions_for_all() -> None:
    [alert] = alerts_of(*(batch(n, needs_attention="Started 10 times.") for n in range(3)))
    assert (alert.title, alert.batch_ids) == ("3 batches are stuck", ["b0", "b1", "b2"])
    assert alert.acts == [Action.PROCESS_RESULTS, Action.CANCEL]


@pytest.mark.parametrize("status", [BatchStatus.SUBMITTING, BatchStatus.IN_PROGRESS, BatchStatus.INGESTING])
def test_a_batch_without_access_is_named_in_every_state(status: BatchStatus) -> None:
    waits: dict[str, Any] = {
        "wait_kind": WaitReason.ACCESS,
        "waits_for": "access to Azure OpenAI (HTTP 401). Mend it.",
    }
    [alert] = alerts_of(batch(status=status, **waits), batch(1, status=status, **waits))
    assert alert.title == "2 batches cannot use Azure OpenAI"
    assert "HTTP 401" in (alert.remedy or "")
    assert Action.START_RUN not in alert.acts


@pytest.mark.parametrize(
    ("job_status", "hours", "named"),
    [
        ("validating", 23, False), ("validating", 25, True), ("finalizing", 25, True),
        ("cancelling", 25, True), ("in_progress", 25, False), ("in_progress", 49, True),
    ],
)  # fmt: skip
def test_a_job_that_stays_long_in_a_state_is_named(job_status: str, hours: int, named: bool) -> None:
    standing = batch(status=BatchStatus.IN_PROGRESS, job_status=job_status, job_status_since=NOW)
    found = alerts_of(standing, now=NOW + timedelta(hours=hours))
    assert [alert.title for alert in found] == [f"A job makes no progress: {job_status}"] * named


def test_a_job_that_answers_requests_is_not_named() -> None:
    later = NOW + timedelta(hours=48)
    running: dict[str, Any] = {
        "status": BatchStatus.IN_PROGRESS,
        "job_status": "in_progress",
        "job_status_since": NOW,
    }
    assert alerts_of(batch(progress_at=later, **running), now=NOW + timedelta(hours=60)) == []


def test_a_record_of_an_earlier_version_counts_from_its_submission() -> None:
    old = encode("batch", "b0", batch(status=BatchStatus.IN_PROGRESS, job_status="validating"))
    old = {name: value for name, value in old.items() if name not in ("job_status_since", "wait_kind")}
    read = decode(OpenAIBatch, old | {"submitted_at": datetime(2026, 11, 20, tzinfo=UTC)})
    assert (read.wait_kind, read.job_status_since) == (None, None)
    [alert] = alerts_of(read)
    assert alert.since == datetime(2026, 11, 20, tzinfo=UTC)


def test_unseen_imports_are_each_named() -> None:
    failed = {"status": TaskStatus.FAILED, "error_message": "No header."}
    reports = [
        ImportReport(import_id=f"i{n}", format="csv", blob="b", created_at=NOW, **failed) for n in "12"
    ]
    assert [alert.import_id for alert in alerts_of(unseen_imports=reports)] == ["i1", "i2"]


def test_a_full_feed_that_discontinued_nothing_is_unseen_too() -> None:
    ended = {"status": TaskStatus.COMPLETED, "error_message": "Too many are absent.", "created_at": NOW}
    report = ImportReport.model_validate({"import_id": "i", "format": "csv", "blob": "b", **ended})
    assert report.is_unseen
    assert not report.model_copy(update={"seen_at": NOW}).is_unseen


def test_an_export_that_failed_is_an_alarm_until_it_is_seen_whatever_came_after_it() -> None:
    failed = Export(export_id="e1", created_at=NOW, status=TaskStatus.FAILED, error_message="Ten times.")
    good = Export(export_id="e2", created_at=NOW, status=TaskStatus.COMPLETED)
    [alert] = alerts_of(exports=[good, failed], unseen_exports=[failed])
    assert (alert.why, alert.export_id, alert.acts) == ("Ten times.", "e1", [Action.MARK_SEEN])
    assert failed.is_unseen
    assert not good.is_unseen
    assert not failed.model_copy(update={"seen_at": NOW}).is_unseen
