"""`Run`: one fan-out over categories, and `ImportReport`: one import of a catalogue file."""

from datetime import datetime

from pydantic import BaseModel, Field

from shared.models.outcome import OutcomeCounts
from shared.states import ImportStatus, RunStatus


class Run(BaseModel):
    """One run. `category_limit` 0 means all that is due; `submit` False stops at created batches."""

    run_id: str
    status: RunStatus = RunStatus.QUEUED
    category_limit: int = 0
    categories: list[str] = Field(default_factory=list, description="slugs to work on; empty = all")
    submit: bool = True
    trigger: str = "http"
    created_at: datetime
    completed_at: datetime | None = None
    error_message: str | None = None

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
    """What an import did. `rows` = `created` + `updated` + `unchanged` + `doubled` + `rejected`."""

    import_id: str
    status: ImportStatus = ImportStatus.RUNNING
    format: str
    blob: str
    created_at: datetime
    completed_at: datetime | None = None
    error_message: str | None = None
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    doubled: int = 0
    rejected: int = 0
    problems: list[RowProblem] = Field(default_factory=list)
    warnings: list[RowProblem] = Field(default_factory=list)
