"""`Run`: one generation run over categories. `ImportReport`: one import of a catalogue file."""

from datetime import datetime

from pydantic import BaseModel, Field

from shared.domain.outcome import OutcomeCounts
from shared.domain.states import RunStatus, TaskStatus
from shared.domain.stored import Stored

# `trigger` of the runs that the nightly timer starts.
NIGHTLY = "nightly"


class Stragglers(BaseModel):
    """The decision about the last few requests of a run: online calls, or the next run. Costs in USD."""

    requests: int = Field(description="requests that can be asked again; counting stops just above the limit")
    online: bool = Field(description="whether they are asked online")
    reason: str = Field(description="reason for the decision")
    batch_cost: float = Field(default=0.0, description="expected cost in one more batch")
    online_cost: float = Field(default=0.0, description="expected cost of online calls")
    wait_hours: float = Field(default=0.0, description="expected duration of one more batch")
    wait_cost: float = Field(default=0.0, description="cost of waiting that long, at WAIT_COST_PER_HOUR")
    built: bool = Field(default=False, description="whether all batches of the online round exist")


class Run(Stored):
    """One run. `category_limit` 0 means all products that are due.

    With `submit` False, the run ends when its batches are created. Empty `categories`, `product_ids` and
    `locales` mean all; `brand` None means any.
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
    capped: str | None = Field(default=None, description="the cap that keeps products waiting")
    stragglers: Stragglers | None = Field(
        default=None, description="null if nothing is decided yet, nothing was left, or the feature is off"
    )
    restarts: int = Field(
        default=0, description="how often its orchestration was started again since a step succeeded"
    )
    notified: bool = Field(default=False, description="whether its failure was sent to NOTIFICATION_URL")

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
    """A problem with one row. `line` counts from 1, as an editor does, and includes the header."""

    line: int
    field: str
    reason: str
    product: str | None = None


class ImportReport(Stored):
    """The result of an import. `rows` = `created` + `updated` + `unchanged` + `doubled` + `rejected`.

    `doubled` rows repeat a SKU of the file. With `full_feed`, products that the file does not name are
    `discontinued`. With `dry_run` nothing is stored, and the counts say what an import would do.
    """

    import_id: str
    status: TaskStatus = TaskStatus.RUNNING
    format: str
    blob: str
    full_feed: bool = False
    dry_run: bool = False
    created_at: datetime
    completed_at: datetime | None = None
    error_message: str | None = None
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    doubled: int = 0
    rejected: int = 0
    absent: int | None = Field(
        default=None,
        description="products that a full feed does not name; stored before any of them is discontinued",
    )
    discontinued: int = 0
    problem_count: int = Field(default=0, description="all problems; `problems` keeps the first of them")
    warning_count: int = Field(default=0, description="all warnings; `warnings` keeps the first of them")
    problems: list[RowProblem] = Field(default_factory=list)
    warnings: list[RowProblem] = Field(default_factory=list)
    seen_at: datetime | None = Field(default=None, description="when a person marked its problems as seen")
    restarts: int = Field(default=0, description="how often its orchestration was started again")

    @property
    def is_unseen(self) -> bool:
        """Whether it failed or rejected rows, and no person has seen it yet."""
        has_problems = self.status == TaskStatus.FAILED or self.rejected > 0 or self.error_message is not None
        return self.status.is_terminal and has_problems and self.seen_at is None
