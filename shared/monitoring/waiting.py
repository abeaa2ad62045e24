"""What waits, what it waits for, and until when."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel, Field

from shared.capacity.polling import poll_seconds
from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch
from shared.domain.run import NIGHTLY
from shared.domain.states import BatchStatus, ProductStatus, RunStatus
from shared.domain.wait_reason import WaitReason
from shared.monitoring.snapshot import Snapshot


class WaitingItem(BaseModel):
    """A batch, a run, or a number of products, and what it waits for."""

    kind: WaitReason
    on: str
    products: int
    since: datetime | None = None
    until: datetime | None = Field(default=None, description="when it continues; null: unknown")
    every_seconds: int | None = Field(default=None, description="it is checked at least this often")
    batch_id: str | None = None
    category: str | None = None


def waiting_items(settings: Settings, records: Snapshot) -> list[WaitingItem]:
    """Return what waits: batches first, then runs, then products that are in no batch."""
    batches = [_batch(settings, records.now, batch) for batch in records.batches]
    return [*filter(None, batches), *_runs(records), *_products(records)]


def _batch(settings: Settings, now: datetime, batch: OpenAIBatch) -> WaitingItem | None:
    if batch.needs_attention or not _waits(batch):
        return None
    polls = batch.status == BatchStatus.IN_PROGRESS or batch.is_online
    # Records of earlier versions have no kind.
    kind = batch.wait_kind or (WaitReason.POLL if polls else WaitReason.BACK_OFF)
    every = settings.quota_backoff_max_seconds
    if kind == WaitReason.POLL:
        every = poll_seconds(settings, batch.submitted_at, now)
    return WaitingItem(
        kind=kind,
        on=batch.waits_for or "Azure OpenAI to accept the batch",
        products=batch.product_count,
        since=batch.waits_since,
        # Rounded down to half minutes: the response keeps its ETag for a while.
        every_seconds=every if every < 30 else every // 30 * 30,
        batch_id=batch.batch_id,
        category=batch.category,
    )


def _waits(batch: OpenAIBatch) -> bool:
    if batch.status in (BatchStatus.SUBMITTING, BatchStatus.IN_PROGRESS):
        return True
    # Any other batch moves on, unless it says what it waits for.
    return batch.waits_for is not None and not batch.status.is_terminal


def _runs(records: Snapshot) -> Iterator[WaitingItem]:
    for run in records.runs:
        if run.status == RunStatus.QUEUED:
            yield WaitingItem(
                kind=WaitReason.RUN, on="another run to finish preparing", products=0, since=run.created_at
            )


def _products(records: Snapshot) -> Iterator[WaitingItem]:
    pending = records.count(ProductStatus.PENDING)
    backing_off = sum(summary.backing_off for summary in records.summaries)
    if backing_off:
        first_due = min((summary.next_due for summary in records.summaries if summary.next_due), default=None)
        on = "the end of the pause after a failed try, then the next run"
        yield WaitingItem(kind=WaitReason.BACK_OFF, on=on, products=backing_off, until=first_due)
    if pending > backing_off:
        latest = next((run for run in records.runs if run.status.is_terminal), None)
        is_capped = latest is not None and latest.status == RunStatus.CAPPED
        kind, on = WaitReason.RUN, "the next run"
        if latest is not None and is_capped:
            kind, on = WaitReason.CAP, f"the next run: {latest.capped}"
        nightly = records.next_times.get(NIGHTLY)
        yield WaitingItem(kind=kind, on=on, products=pending - backing_off, until=nightly)
