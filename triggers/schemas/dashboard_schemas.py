"""The dashboard's data."""

from datetime import datetime

from pydantic import Field

from shared.capacity.reservations import Amounts
from shared.domain.audit import AuditEntry
from shared.domain.batch import Batch
from shared.domain.run import Run
from shared.domain.states import TaskStatus
from shared.domain.task import Requeueing
from shared.monitoring.alerts import Alert
from shared.monitoring.deployment_status import DeploymentStands
from shared.monitoring.failure_causes import Cause
from shared.monitoring.trends import Day
from shared.monitoring.waiting import Waiting
from shared.persistence.category_summaries import CategorySummary
from triggers.schemas.common_schemas import Answer, Scope


class CallerAnswer(Answer):
    scope: Scope = Field(description="what the key may do")
    key: str = Field(description="the key's fingerprint, as it stands in the activity")


class ImportInShort(Answer):
    import_id: str
    status: TaskStatus
    created_at: datetime
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    discontinued: int


class Money(Answer):
    """USD; a limit of 0 is none."""

    month: Amounts = Field(description="of this month's money")
    max_month_cost: float
    max_run_cost: float


class TimerStands(Answer):
    name: str
    last_at: datetime | None
    said: str
    next_at: datetime | None = Field(description="null where it is off")


class OverviewAnswer(Answer):
    needs: list[Alert] = Field(description="alarms first")
    waits: list[Waiting]
    batches: list[Batch] = Field(description="the latest, and every one that is open")
    usual_seconds: float | None = Field(description="how long jobs take: the median of the latest")
    runs: list[Run]
    imports: list[ImportInShort]
    requeueings: list[Requeueing]
    locales: list[str] = Field(description="as configured")
    categories: list[CategorySummary]
    causes: list[Cause] = Field(description="what keeps texts missing")
    money: Money
    deployments: list[DeploymentStands]
    activity: list[AuditEntry] = Field(description="who did what, newest first")
    timers: list[TimerStands]


class TrendsAnswer(Answer):
    days: list[Day]
