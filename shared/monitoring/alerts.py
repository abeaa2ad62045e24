"""What needs a person: what, why, and the acts that help.

An alarm goes on until somebody acts; a warning is tried again by itself, or only wants to be known.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain

from pydantic import BaseModel, Field

from shared.domain.batch import OpenAIBatch
from shared.domain.states import BatchStatus, ProductStatus, RunStatus, TaskStatus
from shared.monitoring.failure_causes import to_mend
from shared.monitoring.snapshot import Snapshot
from shared.monitoring.timer_schedules import RECONCILE, next_times

# A timer may be late by as much as a cold start takes.
_LATE = timedelta(minutes=10)
# The most categories that an alert names.
_NAMED_CATEGORIES = 5


class Severity(StrEnum):
    ALARM = "alarm"
    WARNING = "warning"


class Act(StrEnum):
    """What can be done about it, on the page or by the API."""

    SUBMIT = "submit"
    PROCESS_RESULTS = "process_results"
    CANCEL = "cancel"
    START_RUN = "start_run"
    RETRY_FAILED = "retry_failed"
    SHOW_IMPORT = "show_import"


class Alert(BaseModel):
    """One thing that needs a person."""

    severity: Severity
    title: str
    why: str
    since: datetime | None = None
    acts: list[Act] = Field(default_factory=list)
    batch_id: str | None = None
    run_id: str | None = None
    import_id: str | None = None
    category: str | None = None


def alerts(records: Snapshot) -> list[Alert]:
    """What needs a person, alarms first, then the latest."""
    about = (_batches, _deployments, _products, _runs, _imports, _categories, _timers)
    found = list(chain.from_iterable(look(records) for look in about))
    return sorted(found, key=lambda need: (need.severity, -(need.since.timestamp() if need.since else 0)))


def _batches(records: Snapshot) -> Iterator[Alert]:
    answered = set[str]()  # categories that a later job has answered in
    submits = {run.run_id: run.submit for run in records.runs}
    for batch in records.batches:
        about = {"batch_id": batch.batch_id, "run_id": batch.run_id, "category": batch.category}
        if batch.needs_attention:
            acts = [Act.PROCESS_RESULTS, Act.CANCEL]
            yield Alert(
                severity=Severity.ALARM, title="A batch stands still", why=batch.needs_attention,
                since=batch.waits_since or batch.created_at, acts=acts, **about,
            )  # fmt: skip
        elif batch.status == BatchStatus.CREATED and not submits.get(batch.run_id, True):
            if not batch.cancel_requested_at:
                yield Alert(
                    severity=Severity.WARNING, title="A batch is built and not submitted",
                    why="Its run was not to submit. Nothing is paid for until it is; its products are held.",
                    since=batch.created_at, acts=[Act.SUBMIT, Act.CANCEL], **about,
                )  # fmt: skip
        elif batch.status in (BatchStatus.FAILED, BatchStatus.EXPIRED) and batch.category not in answered:
            yield _ended_badly(records, batch).model_copy(update=about)
        if batch.status.is_terminal and batch.product_count:
            answered.add(batch.category)


def _ended_badly(records: Snapshot, batch: OpenAIBatch) -> Alert:
    mend = to_mend(batch.job_error, batch.deployment)
    again = "Its products wait again and are taken by the next run."
    said = batch.error_message or f"The job is {batch.status}."
    return Alert(
        severity=Severity.ALARM if mend else Severity.WARNING,
        title=f"A batch {'failed' if batch.status == BatchStatus.FAILED else 'expired'}",
        why=f"{said} {mend or ''} {again}".replace("  ", " "),
        since=batch.completed_at,
        acts=[Act.START_RUN] if records.count(ProductStatus.PENDING) else [],
    )


def _deployments(records: Snapshot) -> Iterator[Alert]:
    for each in records.deployments:
        if each.set_aside_until:
            yield Alert(
                severity=Severity.WARNING, title=f"Deployment {each.name} is set aside",
                why=f"{each.reason}. It gets no new batches until {each.set_aside_until:%Y-%m-%d %H:%M} UTC; "
                "open ones go on, and the others take what waits.",
            )  # fmt: skip


def _products(records: Snapshot) -> Iterator[Alert]:
    failed = records.count(ProductStatus.FAILED)
    if failed:
        yield Alert(
            severity=Severity.ALARM,
            title=f"{failed} {'product is' if failed == 1 else 'products are'} given up",
            why="Every try failed; what is published stays. See Errors for the causes; retrying starts anew.",
            acts=[Act.RETRY_FAILED],
        )  # fmt: skip


def _runs(records: Snapshot) -> Iterator[Alert]:
    ended = next((run for run in records.runs if run.status.is_terminal), None)
    if ended is None:
        return
    waiting = records.count(ProductStatus.PENDING)
    if ended.status == RunStatus.CAPPED and waiting:
        yield Alert(
            severity=Severity.WARNING, title="A run met a cap of money",
            why=f"{ended.capped}. {waiting} products wait; raise the cap, or let the next run take them.",
            since=ended.completed_at, acts=[Act.START_RUN], run_id=ended.run_id,
        )  # fmt: skip
    elif ended.status == RunStatus.FAILED and ended.error_message:
        yield Alert(
            severity=Severity.ALARM, title="A run failed", why=ended.error_message,
            since=ended.completed_at, acts=[Act.START_RUN], run_id=ended.run_id,
        )  # fmt: skip


def _imports(records: Snapshot) -> Iterator[Alert]:
    latest = records.imports[0] if records.imports else None
    if latest is None:
        return
    about = {"since": latest.created_at, "acts": [Act.SHOW_IMPORT], "import_id": latest.import_id}
    if latest.status == TaskStatus.FAILED:
        why = latest.error_message or "The file could not be read."
        yield Alert(severity=Severity.ALARM, title="The latest import failed", why=why, **about)
    elif latest.rejected:
        why = "The report names line and reason. Mend the file and import it again; nothing is doubled."
        title = f"The latest import left out {latest.rejected} of {latest.rows} rows"
        yield Alert(severity=Severity.WARNING, title=title, why=why, **about)


def _categories(records: Snapshot) -> Iterator[Alert]:
    unknown = records.unknown_categories
    if unknown:
        noun = "category" if len(unknown) == 1 else "categories"
        named = ", ".join(unknown[:_NAMED_CATEGORIES])
        more = f" and {len(unknown) - _NAMED_CATEGORIES} more" if len(unknown) > _NAMED_CATEGORIES else ""
        yield Alert(
            severity=Severity.WARNING,
            title=f"No instrument family is known of {len(unknown)} {noun}",
            why=f"{named}{more}: texts of their products say nothing about sound. "
            "Map them with the setting CATEGORY_FAMILIES (docs/settings.md).",
        )


def _timers(records: Snapshot) -> Iterator[Alert]:
    last = next((timer.last_at for timer in records.timers if timer.name == RECONCILE), None)
    due = next_times(last)[RECONCILE] if last else None
    if last and due and due + _LATE < records.now:
        why = "It finds work that lost its orchestration. The app's timers do not run: is it up, are they on?"
        yield Alert(severity=Severity.ALARM, title="The reconciler is overdue", why=why, since=last)
