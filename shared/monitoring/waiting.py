"""What waits, on what, and until when."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from shared.capacity.polling import poll_seconds
from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch
from shared.domain.run import NIGHTLY
from shared.domain.states import BatchStatus, ProductStatus, RunStatus
from shared.monitoring.snapshot import Snapshot


class WaitsFor(StrEnum):
    POLL = "poll"
    QUOTA = "quota"
    BACK_OFF = "back_off"
    CAP = "cap"
    RUN = "run"


class Waiting(BaseModel):
    """A batch or a number of products, and what it waits for."""

    kind: WaitsFor
    on: str
    products: int
    since: datetime | None = None
    until: datetime | None = Field(default=None, description="when it goes on; null where nobody knows")
    every_seconds: int | None = Field(default=None, description="it is looked at this often, at least")
    batch_id: str | None = None
    category: str | None = None


def waiting(settings: Settings, records: Snapshot) -> list[Waiting]:
    """What waits: batches first, then products that are in none."""
    batches = [_batch(settings, records.now, batch) for batch in records.batches]
    return [*filter(None, batches), *_runs(records), *_products(records)]


def _batch(settings: Settings, now: datetime, batch: OpenAIBatch) -> Waiting | None:
    if batch.needs_attention or batch.status not in (BatchStatus.SUBMITTING, BatchStatus.IN_PROGRESS):
        return None
    if batch.status == BatchStatus.IN_PROGRESS or batch.is_online:
        kind, every = WaitsFor.POLL, poll_seconds(settings, batch.submitted_at, now)
    else:
        said = batch.waits_for or ""
        kind = WaitsFor.QUOTA if "quota" in said or "reserved" in said else WaitsFor.BACK_OFF
        every = settings.quota_backoff_max_seconds
    return Waiting(
        kind=kind,
        on=batch.waits_for or "Azure OpenAI to take the batch",
        products=batch.product_count,
        since=batch.waits_since,
        # To the half minute, so that an answer stays the same for a while.
        every_seconds=every if every < 30 else every // 30 * 30,
        batch_id=batch.batch_id,
        category=batch.category,
    )


def _runs(records: Snapshot) -> Iterator[Waiting]:
    for run in records.runs:
        if run.status == RunStatus.QUEUED:
            yield Waiting(
                kind=WaitsFor.RUN, on="another run to finish preparing", products=0, since=run.created_at
            )


def _products(records: Snapshot) -> Iterator[Waiting]:
    pending = records.count(ProductStatus.PENDING)
    retried = sum(summary.backing_off for summary in records.summaries)
    if retried:
        first = min((summary.next_due for summary in records.summaries if summary.next_due), default=None)
        on = "the pause after a try that failed, then the next run"
        yield Waiting(kind=WaitsFor.BACK_OFF, on=on, products=retried, until=first)
    if pending > retried:
        latest = next((run for run in records.runs if run.status.is_terminal), None)
        is_capped = latest is not None and latest.status == RunStatus.CAPPED
        kind, on = WaitsFor.RUN, "the next run"
        if latest is not None and is_capped:
            kind, on = WaitsFor.CAP, f"the next run: {latest.capped}"
        nightly = records.next_times.get(NIGHTLY)
        yield Waiting(kind=kind, on=on, products=pending - retried, until=nightly)
