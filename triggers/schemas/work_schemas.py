"""Requests that start runs, and responses about runs."""

from pydantic import Field

from shared.batching.estimate import Forecast
from shared.capacity.reservations import Amounts
from shared.domain.outcome import OutcomeCounts
from shared.domain.run import Run
from shared.domain.states import BatchStatus, RunStatus
from shared.persistence.pages import Unreadable
from triggers.schemas.common_schemas import (
    UNREADABLE_ROWS,
    After,
    Arguments,
    Categories,
    Count,
    Locales,
    Name,
    Names,
    Parameters,
    ResponseModel,
    page_limit,
)

MAX_PER_CATEGORY = 1_000_000
MAX_PRODUCT_IDS = 200
MAX_FOR_A_TEST = 50


class WorkArguments(Arguments):
    category_limit: Count = Field(
        default=0,
        ge=0,
        le=MAX_PER_CATEGORY,
        description="at most this many products per category; 0 = all that are due",
    )
    category: Categories = Field(default=(), description="names or slugs; left out = all categories")
    product_ids: Names = Field(
        default=(), max_length=MAX_PRODUCT_IDS, description="only these, even before they are due"
    )
    brand: Name | None = Field(default=None, description="only products of this brand")
    locales: Locales = Field(
        default=(), description="only these; a product that needs other locales too keeps waiting for those"
    )


class CreateTestArguments(Arguments):
    products_per_category: Count = Field(default=5, ge=1, le=MAX_FOR_A_TEST)
    category: Categories = Field(default=(), description="names or slugs; left out = all categories")


class RunStarted(ResponseModel):
    run: Run
    location: str = Field(description="where to follow the run")


class BatchSummary(ResponseModel):
    batch_id: str
    category: str
    deployment: str = Field(description="`default`, the name of a further deployment, or `online`")
    status: BatchStatus
    product_count: int
    request_count: int
    requests_done: int
    waits_for: str | None
    error_message: str | None
    counts: OutcomeCounts
    prompt_tokens: int
    completion_tokens: int
    cost: float


class RunResponse(ResponseModel):
    run: Run
    batches: list[BatchSummary]


class EstimateResponse(ResponseModel):
    total: Forecast
    categories: list[Forecast]
    max_run_cost: float = Field(description="0 = no cap")
    month: Amounts = Field(description="reserved and spent this month")
    max_month_cost: float = Field(description="0 = no cap")
    price_note: str | None = Field(description="why costs are reported as 0; null: prices are known")


class RunListQuery(Parameters):
    limit: int = page_limit(50, 500)
    after: After | None = Field(default=None, description="`next_after` of the previous page")
    status: RunStatus | None = None


class RunPage(ResponseModel):
    runs: list[Run]
    next_after: str | None = Field(description="null on the last page")
    unreadable: list[Unreadable] = Field(description=UNREADABLE_ROWS)
