"""Clean-up: delete what is past its retention time and free products that are stuck.

Safe to run at any time, and more than once.
"""

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
class CleanUpResult:
    """How much was deleted and freed. The caller must still wake the lifecycles of the `given_up` batches."""

    blobs: int = 0
    keys: int = 0
    audit_entries: int = 0
    freed: int = 0
    given_up: list[str] = field(default_factory=list)


def clean_up(services: Services) -> CleanUpResult:
    """Delete and free everything that is due."""
    before = utcnow() - timedelta(days=services.settings.retention_days)
    return CleanUpResult(
        blobs=_delete_blobs(services, before),
        keys=services.runs.forget_keys(before),
        audit_entries=services.audit_log.forget(before),
        freed=sum(
            _free_stuck(services, summary.category)
            for summary in services.summaries.all()
            if summary.by_status.get(ProductStatus.PROCESSING)
        ),
        given_up=_give_up(services, before),
    )


def _delete_blobs(services: Services, before: datetime) -> int:
    """Delete old imports, uploads and exports. A batch's old blobs are deleted once the batch has ended."""
    deleted = 0
    ended: dict[str, bool] = {}
    for name in services.blobs.older_than(before):
        folder, _, rest = name.partition("/")
        batch_id = rest.partition("/")[0]
        if folder == "batches" and batch_id not in ended:
            ended[batch_id] = _has_ended(services, batch_id)
        if folder in ("imports", "uploads", "exports") or (folder == "batches" and ended[batch_id]):
            services.blobs.delete(name)
            deleted += 1
    return deleted


def _give_up(services: Services, before: datetime) -> list[str]:
    """Request the cancelling of old batches that were never submitted, because they hold their products."""

    def request(batch: OpenAIBatch) -> OpenAIBatch:
        if batch.status != BatchStatus.CREATED or batch.cancel_requested_at:
            return batch
        return batch.model_copy(update={"cancel_requested_at": utcnow()})

    found = [services.batches.find_readable(batch_id) for batch_id in services.batches.open_ids()]
    old = [b for b in found if b is not None and b.status == BatchStatus.CREATED and b.created_at < before]
    return [services.batches.modify(batch.batch_id, request).batch_id for batch in old]


def _free_stuck(services: Services, category: str) -> int:
    """Make products pending again whose batch has ended without settling them. Returns how many."""
    freed = 0
    after: str | None = None
    more = True
    while more:
        page = services.products.page(category, after, _PAGE, ProductStatus.PROCESSING)
        for product in page:
            stored = services.products.get(category, product.product_id)
            if stored is not None and _is_stuck(services, stored):
                # Release the claim first: if the process stops here, the row is still found next time.
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
