"""The records that an overview is made of, read once."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median

from shared.capacity.reservations import Amounts
from shared.domain.audit import AuditEntry, TimerRun
from shared.domain.batch import OpenAIBatch
from shared.domain.run import ImportReport, Run
from shared.domain.states import ProductStatus
from shared.domain.task import Requeueing
from shared.monitoring.deployment_status import DeploymentStands, stand
from shared.monitoring.timer_schedules import next_times
from shared.persistence.category_summaries import CategorySummary
from shared.persistence.parallel import later, map_ordered
from shared.services import Services

_BATCHES, _RUNS, _IMPORTS, _REQUEUEINGS, _DEEDS = 60, 12, 5, 5, 25


@dataclass(frozen=True)
class Snapshot:
    """What is open and what ended last, newest first."""

    now: datetime
    batches: list[OpenAIBatch]
    runs: list[Run]
    imports: list[ImportReport]
    requeueings: list[Requeueing]
    summaries: list[CategorySummary]
    deeds: list[AuditEntry]
    timers: list[TimerRun]
    next_times: dict[str, datetime | None]
    month: Amounts
    deployments: list[DeploymentStands]

    def count(self, status: ProductStatus) -> int:
        """The shop's products in a status."""
        return sum(summary.by_status.get(status, 0) for summary in self.summaries)

    @property
    def usual_seconds(self) -> float | None:
        """How long jobs have taken, from submission to the end: the median of the latest."""
        took = [
            (batch.completed_at - batch.submitted_at).total_seconds()
            for batch in self.batches
            if batch.completed_at and batch.submitted_at
        ]
        return round(median(took), 1) if took else None


def read(services: Services, now: datetime) -> Snapshot:
    """Read them, side by side."""
    batches = later(lambda: services.batches.page(_BATCHES))
    runs = later(lambda: services.runs.page(_RUNS))
    imports = later(lambda: services.imports.page(_IMPORTS))
    requeueings = later(lambda: services.requeueings.page(_REQUEUEINGS))
    summaries = later(services.summaries.all)
    deeds = later(lambda: services.audit_log.latest(_DEEDS))
    timers = later(services.audit_log.timers)
    month = later(services.budget.month)
    open_ids = later(services.batches.open_ids)
    known = {batch.batch_id for batch in batches.result()}
    older = map_ordered(
        services.batches.find_readable, [found for found in open_ids.result() if found not in known]
    )
    return Snapshot(
        now=now,
        batches=[*batches.result(), *filter(None, older)],
        runs=runs.result(),
        imports=imports.result(),
        requeueings=requeueings.result(),
        summaries=summaries.result(),
        deeds=deeds.result(),
        timers=timers.result(),
        next_times=next_times(now),
        month=month.result(),
        deployments=stand(services),
    )
