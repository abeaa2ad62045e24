"""Alerts about batches. Batches with one cause are one alert with their count and what to correct."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.domain.batch import OpenAIBatch
from shared.domain.states import BatchStatus, JobStatus, ProductStatus
from shared.domain.wait_reason import WaitReason
from shared.monitoring.alert_models import Action, Alert, AlertSeverity
from shared.monitoring.snapshot import Snapshot
from shared.openai_batch.remedies import remedy_for

# A job may stay this long in a state before an alert names it. Azure ends most jobs within 24 hours, of which
# the states before and after the answering take minutes.
# Source: learn.microsoft.com, "Getting started with batch".
_LONGEST_STATES: dict[str, timedelta] = {
    JobStatus.VALIDATING: timedelta(days=1),
    JobStatus.FINALIZING: timedelta(days=1),
    JobStatus.CANCELLING: timedelta(days=1),
    JobStatus.IN_PROGRESS: timedelta(days=2),
}

_Cause = tuple[str, Hashable]


def batch_alerts(records: Snapshot) -> Iterator[Alert]:
    """Yield one alert for each cause."""
    causes: dict[_Cause, list[OpenAIBatch]] = defaultdict(list)
    # A batch that failed is no alert once a later batch of its category has ended.
    superseded = set[str]()
    submits = {run.run_id: run.submit for run in records.runs}
    for batch in records.batches:
        if cause := _cause(batch, records.now, submits, superseded):
            causes[cause].append(batch)
        if batch.status.is_terminal and batch.product_count:
            superseded.add(batch.category)
    for (kind, _), batches in causes.items():
        yield _ALERTS[kind](records, batches)


def _cause(
    batch: OpenAIBatch, now: datetime, submits: dict[str, bool], superseded: set[str]
) -> _Cause | None:
    """What is wrong with a batch: a key of `_ALERTS`, and what tells causes of that kind apart."""
    if batch.needs_attention:
        return "stuck", batch.needs_attention
    if batch.status.is_terminal:
        if batch.status in (BatchStatus.FAILED, BatchStatus.EXPIRED) and batch.category not in superseded:
            return "ended", (batch.status, (batch.job_error or "").partition(":")[0], batch.deployment)
        return None
    if batch.wait_kind == WaitReason.ACCESS:
        return "access", batch.waits_for
    if batch.status == BatchStatus.CREATED:
        is_held = not submits.get(batch.run_id, True) and not batch.cancel_requested_at
        return ("built", batch.run_id) if is_held else None
    longest = _LONGEST_STATES.get(batch.job_status or "")
    if batch.status == BatchStatus.IN_PROGRESS and longest and _standing_since(batch) + longest < now:
        return "standing", batch.job_status
    return None


def _standing_since(batch: OpenAIBatch) -> datetime:
    since = [batch.job_status_since or batch.submitted_at or batch.created_at]
    if batch.job_status == JobStatus.IN_PROGRESS and batch.progress_at:
        since.append(batch.progress_at)
    return max(since)


def _stuck(_: Snapshot, batches: Sequence[OpenAIBatch]) -> Alert:
    return _alert(
        batches,
        ("A batch is stuck", "{} batches are stuck"),
        [batch.waits_since or batch.created_at for batch in batches],
        why=batches[0].needs_attention or "",
        acts=[Action.PROCESS_RESULTS, Action.CANCEL],
    )


def _without_access(_: Snapshot, batches: Sequence[OpenAIBatch]) -> Alert:
    return _alert(
        batches,
        ("A batch cannot use Azure OpenAI", "{} batches cannot use Azure OpenAI"),
        [batch.waits_since for batch in batches],
        remedy=f"Waits for {batches[0].waits_for}",
        why="Nothing is lost. What waits continues by itself when the cause is corrected, and jobs that run "
        "at Azure are found again. “Process now” tries at once.",
        acts=[Action.PROCESS_RESULTS],
    )


def _built(_: Snapshot, batches: Sequence[OpenAIBatch]) -> Alert:
    return _alert(
        batches,
        ("A batch was built but not submitted", "{} batches were built but not submitted"),
        [batch.created_at for batch in batches],
        severity=AlertSeverity.WARNING,
        why="The run only builds batches. Nothing is charged before you submit. "
        "Until then no other batch can take the products.",
        acts=[Action.SUBMIT, Action.CANCEL],
    )


def _ended(records: Snapshot, batches: Sequence[OpenAIBatch]) -> Alert:
    latest = batches[0]
    remedy = remedy_for(latest.job_error, latest.deployment)
    reason = latest.error_message or f"The job is {latest.status}."
    # While a person must correct something first, another run would fail in the same way.
    may_start = remedy is None and records.count(ProductStatus.PENDING) > 0
    return _alert(
        batches,
        (f"A batch {latest.status}", f"{{}} batches {latest.status}"),
        [batch.completed_at for batch in batches],
        severity=AlertSeverity.ALARM if remedy else AlertSeverity.WARNING,
        remedy=remedy,
        why=f"{reason} The products are pending again; the next run takes them.",
        acts=[Action.START_RUN] if may_start else [],
    )


def _standing(_: Snapshot, batches: Sequence[OpenAIBatch]) -> Alert:
    state = batches[0].job_status
    return _alert(
        batches,
        (f"A job makes no progress: {state}", f"{{}} jobs make no progress: {state}"),
        [_standing_since(batch) for batch in batches],
        severity=AlertSeverity.WARNING,
        why=f"Azure OpenAI has reported {state} for an unusual time. The app keeps asking. If Azure's status "
        "page says nothing, cancel: answers that are there are stored, and the next run takes the rest.",
        acts=[Action.CANCEL, Action.PROCESS_RESULTS],
    )


_ALERTS = {
    "stuck": _stuck,
    "access": _without_access,
    "built": _built,
    "ended": _ended,
    "standing": _standing,
}


def _alert(
    batches: Sequence[OpenAIBatch],
    titles: tuple[str, str],
    times: Iterable[datetime | None],
    severity: AlertSeverity = AlertSeverity.ALARM,
    **fields: Any,
) -> Alert:
    """The alert of a cause: `titles` for one batch and for several, and the earliest of the `times`."""
    count, categories = len(batches), {batch.category for batch in batches}
    runs = {batch.run_id for batch in batches}
    return Alert(
        severity=severity,
        title=titles[0] if count == 1 else titles[1].format(count),
        since=min(filter(None, times), default=None),
        count=count,
        batch_ids=[batch.batch_id for batch in batches],
        batch_id=batches[0].batch_id if count == 1 else None,
        category=categories.pop() if len(categories) == 1 else None,
        run_id=runs.pop() if len(runs) == 1 else None,
        **fields,
    )
