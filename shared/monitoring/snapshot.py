"""The records behind the dashboard's overview, read once for all its parts."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median

from shared.capacity.reservations import Amounts
from shared.content.unknown_categories import is_unknown_category
from shared.domain.audit import AuditEntry, TimerRun
from shared.domain.batch import OpenAIBatch
from shared.domain.run import ImportReport, Run
from shared.domain.states import ProductStatus
from shared.domain.task import Export, Requeueing
from shared.monitoring.deployment_status import DeploymentStatus, deployment_statuses
from shared.monitoring.seen import read_unseen
from shared.monitoring.timer_schedules import next_times
from shared.persistence.category_summaries import CategorySummary
from shared.persistence.parallel import later, map_ordered
from shared.services import Services

# How many of the newest records of each kind are read.
_BATCHES, _RUNS, _IMPORTS, _TASKS, _AUDIT_ENTRIES = 60, 12, 5, 5, 25


@dataclass(frozen=True)
class Snapshot:
    """The newest records of each kind, newest first, every open batch, and unseen failures."""

    now: datetime
    batches: list[OpenAIBatch]
    runs: list[Run]
    imports: list[ImportReport]
    unseen_imports: list[ImportReport]
    unseen_requeueings: list[Requeueing]
    unseen_exports: list[Export]
    requeueings: list[Requeueing]
    exports: list[Export]
    summaries: list[CategorySummary]
    audit_entries: list[AuditEntry]
    timers: list[TimerRun]
    next_times: dict[str, datetime | None]
    month: Amounts
    deployments: list[DeploymentStatus]
    # Names of categories with products whose instrument family is not known.
    unknown_categories: list[str]

    def count(self, status: ProductStatus) -> int:
        """Return how many products of the whole catalogue have a status."""
        return sum(summary.by_status.get(status, 0) for summary in self.summaries)

    @property
    def median_job_seconds(self) -> float | None:
        """The median time of the newest jobs from submission to the end; None when no job has ended."""
        durations = [
            (batch.completed_at - batch.submitted_at).total_seconds()
            for batch in self.batches
            if batch.completed_at and batch.submitted_at
        ]
        return round(median(durations), 1) if durations else None


def read_snapshot(services: Services, now: datetime) -> Snapshot:
    """Read all records in parallel."""
    batches = later(lambda: services.batches.page(_BATCHES))
    runs = later(lambda: services.runs.page(_RUNS))
    imports = later(lambda: services.imports.page(_IMPORTS))
    requeueings = later(lambda: services.requeueings.page(_TASKS))
    exports = later(lambda: services.exports.page(_TASKS))
    unseen_imports = later(services.imports.unseen_ids)
    unseen_requeueings = later(services.requeueings.unseen_ids)
    unseen_exports = later(services.exports.unseen_ids)
    summaries = later(services.summaries.all)
    audit_entries = later(lambda: services.audit_log.latest(_AUDIT_ENTRIES))
    timers = later(services.audit_log.timers)
    month = later(services.budget.month)
    open_ids = later(services.batches.open_ids)
    newest = {batch.batch_id for batch in batches.result()}
    older = map_ordered(
        services.batches.find_readable, [found for found in open_ids.result() if found not in newest]
    )
    return Snapshot(
        now=now,
        batches=[*batches.result(), *filter(None, older)],
        runs=runs.result(),
        imports=imports.result(),
        unseen_imports=read_unseen(services.imports, unseen_imports.result()),
        unseen_requeueings=read_unseen(services.requeueings, unseen_requeueings.result()),
        unseen_exports=read_unseen(services.exports, unseen_exports.result()),
        requeueings=requeueings.result(),
        exports=exports.result(),
        summaries=summaries.result(),
        audit_entries=audit_entries.result(),
        timers=timers.result(),
        next_times=next_times(now),
        month=month.result(),
        deployments=deployment_statuses(services),
        unknown_categories=[
            summary.name
            for summary in summaries.result()
            if sum(summary.by_status.values())
            and is_unknown_category(summary.category, summary.name, services.settings.category_families)
        ],
    )
