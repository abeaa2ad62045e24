"""Alerts: what needs a person, why, and the actions that help.

An alarm stays until a person acts. A warning either resolves by itself or is for information only.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain

from pydantic import BaseModel, Field

from shared.domain.batch import OpenAIBatch
from shared.domain.states import BatchStatus, ProductStatus, RunStatus, TaskStatus
from shared.monitoring.failure_causes import remedy_for
from shared.monitoring.snapshot import Snapshot
from shared.monitoring.timer_schedules import RECONCILE, next_times

# A cold start of the app can delay a timer by some minutes.
_TIMER_TOLERANCE = timedelta(minutes=10)
# The most categories that an alert names.
_NAMED_CATEGORIES = 5


class AlertSeverity(StrEnum):
    ALARM = "alarm"
    WARNING = "warning"


class Action(StrEnum):
    """What a person can do about an alert, on the dashboard or through the API."""

    SUBMIT = "submit"
    PROCESS_RESULTS = "process_results"
    CANCEL = "cancel"
    START_RUN = "start_run"
    RETRY_FAILED = "retry_failed"
    SHOW_IMPORT = "show_import"


class Alert(BaseModel):
    """One thing that needs a person."""

    severity: AlertSeverity
    title: str
    why: str
    since: datetime | None = None
    acts: list[Action] = Field(default_factory=list)
    batch_id: str | None = None
    run_id: str | None = None
    import_id: str | None = None
    category: str | None = None


def alerts(records: Snapshot) -> list[Alert]:
    """Return all alerts: alarms first, and the newest first within a severity."""
    checks = (_batches, _deployments, _products, _runs, _imports, _categories, _timers)
    found = list(chain.from_iterable(check(records) for check in checks))
    return sorted(found, key=lambda alert: (alert.severity, -(alert.since.timestamp() if alert.since else 0)))


def _batches(records: Snapshot) -> Iterator[Alert]:
    # A batch that failed is no alert once a later batch of its category has ended.
    superseded = set[str]()
    submits = {run.run_id: run.submit for run in records.runs}
    for batch in records.batches:
        subject = {"batch_id": batch.batch_id, "run_id": batch.run_id, "category": batch.category}
        if batch.needs_attention:
            yield Alert(
                severity=AlertSeverity.ALARM, title="A batch is stuck", why=batch.needs_attention,
                since=batch.waits_since or batch.created_at,
                acts=[Action.PROCESS_RESULTS, Action.CANCEL], **subject,
            )  # fmt: skip
        elif batch.status == BatchStatus.CREATED and not submits.get(batch.run_id, True):
            if not batch.cancel_requested_at:
                yield Alert(
                    severity=AlertSeverity.WARNING, title="A batch was built but not submitted",
                    why="Its run only builds batches. Nothing is charged before you submit it. "
                    "Until then no other batch can take its products.",
                    since=batch.created_at, acts=[Action.SUBMIT, Action.CANCEL], **subject,
                )  # fmt: skip
        elif batch.status in (BatchStatus.FAILED, BatchStatus.EXPIRED) and batch.category not in superseded:
            yield _failed_or_expired(records, batch).model_copy(update=subject)
        if batch.status.is_terminal and batch.product_count:
            superseded.add(batch.category)


def _failed_or_expired(records: Snapshot, batch: OpenAIBatch) -> Alert:
    remedy = remedy_for(batch.job_error, batch.deployment)
    reason = batch.error_message or f"The job is {batch.status}."
    sentences = (reason, remedy, "Its products are pending again; the next run takes them.")
    return Alert(
        severity=AlertSeverity.ALARM if remedy else AlertSeverity.WARNING,
        title=f"A batch {'failed' if batch.status == BatchStatus.FAILED else 'expired'}",
        why=" ".join(filter(None, sentences)),
        since=batch.completed_at,
        acts=[Action.START_RUN] if records.count(ProductStatus.PENDING) else [],
    )


def _deployments(records: Snapshot) -> Iterator[Alert]:
    for deployment in records.deployments:
        if deployment.set_aside_until:
            yield Alert(
                severity=AlertSeverity.WARNING, title=f"Deployment {deployment.name} is set aside",
                why=f"{deployment.reason}. It gets no new batches until "
                f"{deployment.set_aside_until:%Y-%m-%d %H:%M} UTC. "
                "Its open batches continue; new batches go to the other deployments.",
            )  # fmt: skip


def _products(records: Snapshot) -> Iterator[Alert]:
    failed = records.count(ProductStatus.FAILED)
    if failed:
        yield Alert(
            severity=AlertSeverity.ALARM,
            title=f"{failed} {'product' if failed == 1 else 'products'} failed every try",
            why="They are not tried again automatically. Published texts stay published. "
            "“Errors by cause” shows the reasons. A retry allows all tries again.",
            acts=[Action.RETRY_FAILED],
        )  # fmt: skip


def _runs(records: Snapshot) -> Iterator[Alert]:
    ended = next((run for run in records.runs if run.status.is_terminal), None)
    if ended is None:
        return
    pending = records.count(ProductStatus.PENDING)
    if ended.status == RunStatus.CAPPED and pending:
        yield Alert(
            severity=AlertSeverity.WARNING, title="A run reached a cost cap",
            why=f"{ended.capped}. {pending} products wait. Raise the cap, or wait for the next run.",
            since=ended.completed_at, acts=[Action.START_RUN], run_id=ended.run_id,
        )  # fmt: skip
    elif ended.status == RunStatus.FAILED and ended.error_message:
        yield Alert(
            severity=AlertSeverity.ALARM, title="A run failed", why=ended.error_message,
            since=ended.completed_at, acts=[Action.START_RUN], run_id=ended.run_id,
        )  # fmt: skip


def _imports(records: Snapshot) -> Iterator[Alert]:
    latest = records.imports[0] if records.imports else None
    if latest is None:
        return
    subject = {"since": latest.created_at, "acts": [Action.SHOW_IMPORT], "import_id": latest.import_id}
    if latest.status == TaskStatus.FAILED:
        why = latest.error_message or "The file could not be read."
        yield Alert(severity=AlertSeverity.ALARM, title="The latest import failed", why=why, **subject)
    elif latest.rejected:
        why = "The report gives line and reason. Correct the file and import it again; rows that were "
        why += "imported already are not duplicated."
        title = f"The latest import rejected {latest.rejected} of {latest.rows} rows"
        yield Alert(severity=AlertSeverity.WARNING, title=title, why=why, **subject)


def _categories(records: Snapshot) -> Iterator[Alert]:
    unknown = records.unknown_categories
    if unknown:
        noun = "category" if len(unknown) == 1 else "categories"
        named = ", ".join(unknown[:_NAMED_CATEGORIES])
        more = f" and {len(unknown) - _NAMED_CATEGORIES} more" if len(unknown) > _NAMED_CATEGORIES else ""
        yield Alert(
            severity=AlertSeverity.WARNING,
            title=f"No instrument family is known of {len(unknown)} {noun}",
            why=f"{named}{more}: texts of their products say nothing about sound. "
            "Map them with the setting CATEGORY_FAMILIES (docs/settings.md).",
        )


def _timers(records: Snapshot) -> Iterator[Alert]:
    last = next((timer.last_at for timer in records.timers if timer.name == RECONCILE), None)
    due = next_times(last)[RECONCILE] if last else None
    if last and due and due + _TIMER_TOLERANCE < records.now:
        why = "It restarts work that has stopped. The app's timers do not run. Check that the app is up and "
        why += "that its timers are enabled."
        yield Alert(severity=AlertSeverity.ALARM, title="The reconciler is overdue", why=why, since=last)
