"""What an alert is: its severity, its subject, and the actions that help."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field


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
    MARK_SEEN = "mark_seen"


class Alert(BaseModel):
    """One cause that needs a person, however many records it affects.

    `batch_id` and `category` are set when they are the same for everything that is affected.
    """

    severity: AlertSeverity
    title: str
    remedy: str | None = Field(default=None, description="what to correct first; null: nothing")
    why: str
    since: datetime | None = None
    acts: list[Action] = Field(default_factory=list)
    count: int = Field(default=1, description="number of records with this cause")
    batch_id: str | None = None
    batch_ids: list[str] = Field(default_factory=list, description="all batches with this cause")
    run_id: str | None = None
    import_id: str | None = None
    requeueing_id: str | None = None
    export_id: str | None = None
    category: str | None = None
