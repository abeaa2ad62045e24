"""`Run`: one fan-out over categories, and `ImportReport`: one import of a catalogue file."""

from datetime import datetime

from pydantic import BaseModel, Field

from shared.domain.outcome import OutcomeCounts
from shared.domain.states import RunStatus, TaskStatus

# `trigger` of the runs that the nightly timer starts.
NIGHTLY = "nightly"


class Stragglers(BaseModel):
    """What became of the last few requests of a run: asked online, or left to the next run. Costs in USD."""

    requests: int = Field(description="that could be asked again; counted to just above the limit")
    online: bool = Field(description="whether they were asked online")
    reason: str = Field(description="why it was decided so")
    batch_cost: float = Field(default=0.0, description="expected, in one more batch")
    online_cost: float = Field(default=0.0, description="expected, online")
    wait_hours: float = Field(default=0.0, description="expected, of one more batch")
    wait_cost: float = Field(default=0.0, description="of waiting so long, at WAIT_COST_PER_HOUR")
    built: bool = Field(default=False, description="whether all batches of the online round are there")


class Run(BaseModel):
    """One run. `category_limit` 0 means all that is due; `submit` False stops at created batches.

    Empty `categories`, `product_ids` and `locales` mean all; `brand` None any.
    """

    run_id: str
    status: RunStatus = RunStatus.QUEUED
    category_limit: int = 0
    categories: list[str] = Field(default_factory=list, description="slugs to work on")
    product_ids: list[str] = Field(default_factory=list)
    brand: str | None = Field(default=None, description="slug of the one brand to work on")
    locales: list[str] = Field(default_factory=list)
    submit: bool = True
    trigger: str = "http"
    created_at: datetime
    completed_at: datetime | None = None
    error_message: str | None = None
    capped: str | None = Field(default=None, description="which cap kept products waiting")
    stragglers: Stragglers | None = Field(
        default=None, description="null: it has not come to it, nothing was left, or it is switched off"
    )
    notified: bool = Field(default=False, description="whether its failure was told to NOTIFICATION_URL")

    batch_count: int = 0
    batches_open: int = 0
    product_count: int = 0
    request_count: int = 0
    requests_done: int = 0
    counts: OutcomeCounts = Field(default_factory=OutcomeCounts)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0


class RowProblem(BaseModel):
    """Something about one row: `line` counts from 1 as an editor does, the header included."""

    line: int
    field: str
    reason: str
    product: str | None = None


class ImportReport(BaseModel):
    """What an import did. `rows` = `created` + `updated` + `unchanged` + `doubled` + `rejected`.

    With `full_feed`, products that the file does not name are `discontinued`.
    """

    import_id: str
    status: TaskStatus = TaskStatus.RUNNING
    format: str
    blob: str
    full_feed: bool = False
    created_at: datetime
    completed_at: datetime | None = None
    error_message: str | None = None
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    doubled: int = 0
    rejected: int = 0
    discontinued: int = 0
    problems: list[RowProblem] = Field(default_factory=list)
    warnings: list[RowProblem] = Field(default_factory=list)
