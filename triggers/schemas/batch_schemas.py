"""Requests and responses about batches."""

from datetime import datetime

from pydantic import Field

from shared.domain.batch import Batch
from shared.domain.states import BatchStatus
from shared.persistence.batch_files import FileKind
from shared.persistence.category_summaries import CategorySummary
from shared.persistence.pages import Unreadable
from triggers.schemas.common_schemas import UNREADABLE_ROWS, After, Parameters, ResponseModel, page_limit


class BatchStatusQuery(Parameters):
    refresh: bool = Field(
        default=False,
        description="ask Azure for the job's current status, and update the stored record soon after",
    )


class BatchListQuery(Parameters):
    limit: int = page_limit(50, 500)
    after: After | None = Field(default=None, description="`next_after` of the previous page")
    status: BatchStatus | None = None


class BatchFileQuery(Parameters):
    kind: FileKind


class BatchResponse(ResponseModel):
    batch: Batch


class BatchAccepted(ResponseModel):
    batch: Batch
    location: str = Field(description="where to follow the batch")


class BatchPage(ResponseModel):
    batches: list[Batch]
    next_after: str | None = Field(description="null on the last page")
    unreadable: list[Unreadable] = Field(description=UNREADABLE_ROWS)


class BatchFile(ResponseModel):
    name: str
    bytes: int
    url: str = Field(description="a download address that needs no key and expires")
    expires_at: datetime


class BatchFiles(ResponseModel):
    files: list[BatchFile] = Field(description="in order: their concatenation is the whole file")


class ProductsStatus(ResponseModel):
    totals: dict[str, int] = Field(description="products by status")
    categories: list[CategorySummary]
