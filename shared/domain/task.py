"""Tasks that process the catalogue category by category: `Requeueing` and `Export`."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from shared.domain.outcome import Outcome
from shared.domain.states import TaskStatus
from shared.domain.stored import Stored


class TaskKind(StrEnum):
    REQUEUEING = "requeueing"
    EXPORT = "export"


class ChannelName(StrEnum):
    """Where an export goes; each has its own files."""

    PLAIN_CSV = "plain_csv"
    PLAIN_JSONL = "plain_jsonl"
    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    GOOGLE_MERCHANT = "google_merchant"
    JSON_LD = "json_ld"
    XLIFF = "xliff"


class _Task(Stored):
    status: TaskStatus = TaskStatus.RUNNING
    categories: list[str] = Field(default_factory=list, description="slugs; empty = all")
    locales: list[str] = Field(default_factory=list, description="empty = all")
    created_at: datetime
    completed_at: datetime | None = None
    error_message: str | None = None
    restarts: int = Field(default=0, description="how often its orchestration was started again")
    products: int = Field(default=0, description="number of products chosen or exported")
    seen_at: datetime | None = Field(default=None, description="when a person marked its failure as seen")

    @property
    def is_unseen(self) -> bool:
        """Whether it failed, and nobody has seen that yet."""
        return self.status == TaskStatus.FAILED and self.seen_at is None


class Requeueing(_Task):
    """Products to generate again. A product is chosen when it matches every field that is set."""

    requeueing_id: str
    product_ids: list[str] = Field(default_factory=list)
    brand: str | None = None
    prompt_version: str | None = None
    model: str | None = None
    outcome: Outcome | None = Field(default=None, description="only locales that failed with this outcome")
    failed: bool = Field(default=False, description="only locales that failed, with any outcome")


class Export(_Task):
    """Content written to files, one per category, or to the files of a channel, in one zip file."""

    export_id: str
    updated_since: datetime | None = None
    channel: ChannelName | None = Field(default=None, description="null: JSON Lines, one file per category")
    columns: list[str] = Field(default_factory=list, description="of plain files; empty = the usual ones")

    @property
    def prefix(self) -> str:
        """The prefix of its blobs' names."""
        return f"exports/{self.export_id}/"
