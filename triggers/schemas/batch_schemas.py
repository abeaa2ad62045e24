"""Batches."""

from datetime import datetime

from pydantic import Field

from shared.domain.batch import Batch
from shared.domain.states import BatchStatus
from shared.persistence.batch_files import FileKind
from shared.persistence.category_summaries import CategorySummary
from shared.persistence.pages import Unreadable
from triggers.schemas.common_schemas import UNREADABLE_ROWS, Answer, Parameters, page_limit


class BatchStatusQuery(Parameters):
    refresh: bool = Field(
        default=False, description="ask Azure how the job stands, and let its lifecycle look"
    )


class BatchListQuery(Parameters):
    limit: int = page_limit(50, 500)
    after: str | None = Field(default=None, description="`next_after` of the page before")
    status: BatchStatus | None = None


class BatchFileQuery(Parameters):
    kind: FileKind


class BatchAnswer(Answer):
    batch: Batch


class BatchAccepted(Answer):
    batch: Batch
    location: str = Field(description="where the batch can be watched")


class BatchPage(Answer):
    batches: list[Batch]
    next_after: str | None = Field(description="null on the last page")
    unreadable: list[Unreadable] = Field(description=UNREADABLE_ROWS)


class BatchFile(Answer):
    name: str
    bytes: int
    url: str = Field(description="works without a key until it expires")
    expires_at: datetime


class BatchFiles(Answer):
    files: list[BatchFile] = Field(description="in order; together they are the file")


class ProductsStatus(Answer):
    totals: dict[str, int] = Field(description="products by status")
    categories: list[CategorySummary]
