"""Responses that only the dashboard needs."""

from datetime import datetime

from pydantic import Field

from shared.capacity.reservations import Amounts
from shared.domain.audit import AuditEntry
from shared.domain.batch import Batch
from shared.domain.run import Run
from shared.domain.states import TaskStatus
from shared.domain.task import Requeueing
from shared.monitoring.alert_models import Alert
from shared.monitoring.deployment_status import DeploymentStatus
from shared.monitoring.failure_causes import FailureCause
from shared.monitoring.trends import DayTotals
from shared.monitoring.waiting import WaitingItem
from shared.persistence.category_summaries import CategorySummary
from triggers.schemas.common_schemas import ResponseModel, Scope


class CallerResponse(ResponseModel):
    scope: Scope = Field(description="what the key may do")
    key: str = Field(description="the key's fingerprint, as in the audit log")


class ImportSummary(ResponseModel):
    import_id: str
    status: TaskStatus
    created_at: datetime
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    discontinued: int


class Money(ResponseModel):
    """Costs in USD. A limit of 0 means no limit."""

    month: Amounts = Field(description="reserved and spent this month")
    max_month_cost: float
    max_run_cost: float


class TimerStatus(ResponseModel):
    name: str
    last_at: datetime | None
    said: str
    next_at: datetime | None = Field(description="null when the timer is off")


class OverviewResponse(ResponseModel):
    needs: list[Alert] = Field(description="alarms first")
    waits: list[WaitingItem]
    batches: list[Batch] = Field(description="the newest, and every open one")
    usual_seconds: float | None = Field(
        description="median duration of the newest jobs; null: none has ended"
    )
    runs: list[Run]
    imports: list[ImportSummary]
    requeueings: list[Requeueing]
    locales: list[str] = Field(description="the configured locales")
    categories: list[CategorySummary]
    causes: list[FailureCause] = Field(description="why texts are missing")
    money: Money
    deployments: list[DeploymentStatus]
    activity: list[AuditEntry] = Field(description="who did what, newest first")
    timers: list[TimerStatus]


class TrendsResponse(ResponseModel):
    days: list[DayTotals]
