"""Housekeeping: what is past its time is deleted, what got stuck is freed. Safe to run at any time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.errors import UnreadableRow
from shared.domain.states import BatchStatus, ProductStatus
from shared.persistence.product_repository import StoredProduct, pending
from shared.services import Services

_PAGE = 500


@dataclass
class CleanedUp:
    """What was done. The lifecycles of `given_up` batches are still to be woken."""

    blobs: int = 0
    keys: int = 0
    deeds: int = 0
    freed: int = 0
    given_up: list[str] = field(default_factory=list)


def clean_up(services: Services) -> CleanedUp:
    """Do all that is due."""
    before = utcnow() - timedelta(days=services.settings.retention_days)
    return CleanedUp(
        blobs=_delete_blobs(services, before),
        keys=services.runs.forget_keys(before),
        deeds=services.audit_log.forget(before),
        freed=sum(
            _free_stuck(services, summary.category)
            for summary in services.summaries.all()
            if summary.by_status.get(ProductStatus.PROCESSING)
        ),
        given_up=_give_up(services, before),
    )


def _delete_blobs(services: Services, before: datetime) -> int:
    """Imports, uploads and exports by age; a batch's blobs by age, once the batch has ended."""
    deleted = 0
    ended: dict[str, bool] = {}
    for name in services.blobs.older_than(before):
        room, _, rest = name.partition("/")
        batch_id = rest.partition("/")[0]
        if room == "batches" and batch_id not in ended:
            ended[batch_id] = _has_ended(services, batch_id)
        if room in ("imports", "uploads", "exports") or (room == "batches" and ended[batch_id]):
            services.blobs.delete(name)
            deleted += 1
    return deleted


def _give_up(services: Services, before: datetime) -> list[str]:
    """Ask for the cancelling of batches that were created and never submitted: their products are held up."""

    def request(batch: OpenAIBatch) -> OpenAIBatch:
        if batch.status != BatchStatus.CREATED or batch.cancel_requested_at:
            return batch
        return batch.model_copy(update={"cancel_requested_at": utcnow()})

    found = [services.batches.find_readable(batch_id) for batch_id in services.batches.open_ids()]
    old = [b for b in found if b is not None and b.status == BatchStatus.CREATED and b.created_at < before]
    return [services.batches.modify(batch.batch_id, request).batch_id for batch in old]


def _free_stuck(services: Services, category: str) -> int:
    """Make products wait again that are held by a batch that has ended: no settling will come for them."""
    freed = 0
    after: str | None = None
    more = True
    while more:
        page = services.products.page(category, after, _PAGE, ProductStatus.PROCESSING)
        for product in page:
            stored = services.products.get(category, product.product_id)
            if stored is not None and _is_stuck(services, stored):
                # The claim first: what is found again after a stop is the row.
                services.contents.release(product.product_id, stored.product.openai_batch_id or "")
                waiting = pending(stored.product, utcnow())
                freed += not services.products.replace(category, [(stored, waiting)])
        after = page.next_after
        more = after is not None
    if freed:
        services.summaries.recompute(category)
    return freed


def _is_stuck(services: Services, stored: StoredProduct) -> bool:
    product = stored.product
    if product.openai_processing_status != ProductStatus.PROCESSING:
        return False
    return _has_ended(services, product.openai_batch_id or "")


def _has_ended(services: Services, batch_id: str) -> bool:
    """Whether a batch has ended or is gone. One whose record cannot be read may still be open."""
    try:
        batch = services.batches.find(batch_id)
    except UnreadableRow:
        return False
    return batch is None or batch.status.is_terminal
