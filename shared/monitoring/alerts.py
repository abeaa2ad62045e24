"""Alerts: what needs a person, why, and the actions that help.

An alarm stays until a person acts. A warning either resolves by itself or is for information only.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain

from shared.domain.states import ProductStatus, RunStatus, TaskStatus
from shared.domain.task import Export, Requeueing
from shared.monitoring.alert_models import Action, Alert, AlertSeverity
from shared.monitoring.batch_alerts import batch_alerts
from shared.monitoring.snapshot import Snapshot
from shared.monitoring.timer_schedules import RECONCILE, next_times

# A cold start of the app can delay a timer by some minutes.
_TIMER_TOLERANCE = timedelta(minutes=10)
# The most categories that an alert names.
_NAMED_CATEGORIES = 5


def alerts(records: Snapshot) -> list[Alert]:
    """Return all alerts: alarms first, and the newest first within a severity."""
    checks = (batch_alerts, _deployments, _products, _runs, _imports, _tasks, _categories, _timers)
    found = list(chain.from_iterable(check(records) for check in checks))
    return sorted(found, key=lambda alert: (alert.severity, -(alert.since.timestamp() if alert.since else 0)))


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
    """Imports that were refused, in whole or in part, until a person has seen them."""
    for report in records.unseen_imports:
        subject = {
            "since": report.created_at,
            "acts": [Action.SHOW_IMPORT, Action.MARK_SEEN],
            "import_id": report.import_id,
        }
        if report.status == TaskStatus.FAILED:
            why = report.error_message or "The file could not be read."
            yield Alert(severity=AlertSeverity.ALARM, title="An import failed", why=why, **subject)
        elif report.error_message:
            title = "An import did less than it was asked"
            yield Alert(severity=AlertSeverity.WARNING, title=title, why=report.error_message, **subject)
        else:
            why = "The report gives line and reason. Correct the file and import it again; rows that were "
            why += "imported already are not duplicated."
            title = f"An import rejected {report.rejected} of {report.rows} rows"
            yield Alert(severity=AlertSeverity.WARNING, title=title, why=why, **subject)


def _tasks(records: Snapshot) -> Iterator[Alert]:
    """Regenerations and exports that failed, until a person has seen them."""
    for requeueing in records.unseen_requeueings:
        yield _failed_task("A regeneration failed", requeueing, requeueing_id=requeueing.requeueing_id)
    for export in records.unseen_exports:
        yield _failed_task("An export failed", export, export_id=export.export_id)


def _failed_task(title: str, task: Requeueing | Export, **subject: str) -> Alert:
    why = task.error_message or "The app's log shows why."
    seen = {"since": task.completed_at, "acts": [Action.MARK_SEEN]}
    return Alert(severity=AlertSeverity.ALARM, title=title, why=why, **seen, **subject)


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
