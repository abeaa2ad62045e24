"""Choosing work, and what becomes of it: runs."""

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.batching.estimate import Forecast
from shared.capacity.reservations import Amounts
from shared.domain.outcome import OutcomeCounts
from shared.domain.run import Run
from shared.domain.states import BatchStatus, RunStatus
from shared.persistence.pages import Unreadable
from triggers.schemas.common_schemas import (
    UNREADABLE_ROWS,
    Answer,
    CommaList,
    Parameters,
    known_locales,
    page_limit,
)

MOST_PER_CATEGORY = 1_000_000
MOST_PRODUCT_IDS = 200
MOST_FOR_A_TEST = 50


class WorkQuery(Parameters):
    category_limit: int = Field(
        default=0, ge=0, le=MOST_PER_CATEGORY, description="products of each category; 0 = all that are due"
    )
    category: CommaList = Field(default=(), description="names or slugs; none = all categories")
    product_ids: CommaList = Field(
        default=(), max_length=MOST_PRODUCT_IDS, description="only these, whether or not their time has come"
    )
    brand: str | None = Field(default=None, min_length=1, description="only products of this brand")
    locales: Annotated[CommaList, AfterValidator(known_locales)] = Field(
        default=(), description="only these; a product that needs others too goes on waiting for them"
    )


class CreateTestQuery(Parameters):
    products_per_category: int = Field(default=5, ge=1, le=MOST_FOR_A_TEST)
    category: CommaList = Field(default=(), description="names or slugs; none = all categories")


class RunStarted(Answer):
    run: Run
    location: str = Field(description="where the run can be watched")


class BatchInShort(Answer):
    batch_id: str
    category: str
    deployment: str = Field(description="`default`, an entry of MORE_DEPLOYMENTS, or `online`")
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


class RunAnswer(Answer):
    run: Run
    batches: list[BatchInShort]


class EstimateAnswer(Answer):
    total: Forecast
    categories: list[Forecast]
    max_run_cost: float = Field(description="0 = no cap")
    month: Amounts = Field(description="what is reserved and used of this month's money")
    max_month_cost: float = Field(description="0 = no cap")
    price_note: str | None = Field(description="why costs are told as 0; null: prices are known")


class RunListQuery(Parameters):
    limit: int = page_limit(50, 500)
    after: str | None = Field(default=None, description="`next_after` of the page before")
    status: RunStatus | None = None


class RunPage(Answer):
    runs: list[Run]
    next_after: str | None = Field(description="null on the last page")
    unreadable: list[Unreadable] = Field(description=UNREADABLE_ROWS)
