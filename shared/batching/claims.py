"""Claims: while a batch claims a product, no other batch may send it.

A claim is taken by a conditional write of the product's claim row. It is never taken from a batch that is
still open.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.batching.eligibility import needed_parts, refusal_of_thin_record, requestable_parts
from shared.content.content_records import Claim
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.outcome import ManifestLine
from shared.domain.product import Product
from shared.domain.states import ProductStatus
from shared.persistence.content_repository import ContentState, taken
from shared.persistence.pages import unless_unreadable
from shared.persistence.parallel import map_ordered
from shared.persistence.product_repository import StoredProduct, pending
from shared.services import Services

# When a claim is older than this, another batch may take it over, provided that its own batch has ended.
CLAIM_DURATION = timedelta(hours=48)


@dataclass(frozen=True)
class ClaimedProduct:
    """A product that the batch claims, and the parts of its content to request."""

    stored: StoredProduct
    parts: tuple[str, ...]
    content_state: ContentState

    @property
    def product(self) -> Product:
        return self.stored.product


class BatchClaims:
    """Takes and releases claims for one batch."""

    def __init__(self, services: Services, batch: OpenAIBatch) -> None:
        self._services = services
        self._batch = batch

    def take(self, product_ids: Sequence[str]) -> list[ClaimedProduct]:
        """Claim as many of `product_ids` as possible. Returns the claimed ones, in the order given.

        Products that this batch claimed in an earlier attempt are included. Unreadable rows are left out.
        """
        found = map_ordered(unless_unreadable(self._take), product_ids)
        return [claimed for claimed in found if claimed is not None]

    def mark_processing(self, claimed: Sequence[tuple[ClaimedProduct, ManifestLine]]) -> list[int]:
        """Set the products' rows to `processing`. Returns the positions of those that changed meanwhile.

        A row that another delivery of the same build has set already counts as set.
        """
        changes: list[tuple[int, tuple[StoredProduct, Product]]] = []
        for place, (item, sent) in enumerate(claimed):
            after = item.product.model_copy(
                update={
                    "openai_processing_status": ProductStatus.PROCESSING,
                    "openai_batch_id": self._batch.batch_id,
                    "openai_product_id": f"{sent.line:06d}",
                    "due_at": None,
                }
            )
            if after != item.product:
                changes.append((place, (item.stored, after)))
        refused = self._services.products.replace(self._batch.category, [change for _, change in changes])
        changed = [(changes[place][0], changes[place][1][1].product_id) for place in refused]
        return [place for place, product_id in changed if not self._is_held(product_id)]

    def release(self, product_ids: Iterable[str]) -> None:
        """Release this batch's claims on products. A claim of another batch is left alone."""
        for _ in map_ordered(unless_unreadable(self._release), product_ids):
            pass

    def _release(self, product_id: str) -> None:
        self._services.contents.release(product_id, self._batch.batch_id)

    def _take(self, product_id: str) -> ClaimedProduct | None:
        stored = self._services.products.get(self._batch.category, product_id)
        if stored is None:
            return None
        product = stored.product
        is_pending = product.openai_processing_status == ProductStatus.PENDING
        if not is_pending and not product.is_held_by(self._batch.batch_id):
            return None
        content_state = self._services.contents.content_state(product_id)
        settings = self._services.settings
        if not needed_parts(settings.locales, product, content_state):
            # A product that waits and needs nothing (its facts changed back, for example) is complete.
            self._set_status(stored, ProductStatus.COMPLETED)
        parts = requestable_parts(settings, self._batch.locales, product, content_state)
        if not parts:
            return None
        if is_pending and (refusal := refusal_of_thin_record(settings, product)):
            self._set_status(stored, ProductStatus.FAILED, refusal)
            return None
        if not self._claim(content_state):
            return None
        return ClaimedProduct(stored, parts, content_state)

    def _claim(self, content_state: ContentState) -> bool:
        claim = content_state.claim
        if claim is None or claim.category != self._batch.category or claim.moving:
            return False
        if claim.batch_id == self._batch.batch_id:
            return True
        if claim.batch_id and not self._has_ended(claim):
            return False
        claim_of_batch = taken(
            claim, self._batch.category, self._batch.batch_id, uuid.uuid4().hex, utcnow() + CLAIM_DURATION
        )
        if self._services.contents.write_claim(claim_of_batch, content_state.claim_etag):
            return True
        # Another delivery of the same build may have taken the claim first: it holds for this delivery too.
        current = self._services.contents.claim(claim.product_id)
        return current is not None and current.batch_id == self._batch.batch_id

    def _has_ended(self, claim: Claim) -> bool:
        if claim.batch_id is None or (claim.expires_at and claim.expires_at > utcnow()):
            return False
        batch = self._services.batches.find(claim.batch_id)
        return batch is None or batch.status.is_terminal

    def _set_status(self, stored: StoredProduct, status: ProductStatus, message: str | None = None) -> None:
        """End the wait of a pending product without a request. Published content stays."""
        update = {"openai_processing_status": status, "due_at": None, "attempts": 0}
        after = stored.product.model_copy(update={**update, "openai_error_message": message})
        self._services.products.replace(self._batch.category, [(stored, after)])

    def return_to_queue(self, product_ids: Sequence[str]) -> None:
        """Undo the claims of a batch that will never be submitted: set rows to pending and release claims."""
        remaining = product_ids
        while remaining:
            found = map(unless_unreadable(self._product), remaining)
            held = [stored for stored in found if stored and stored.product.is_held_by(self._batch.batch_id)]
            changes = [(stored, pending(stored.product, utcnow())) for stored in held]
            refused = self._services.products.replace(self._batch.category, changes)
            remaining = [held[place].product.product_id for place in refused]
        self.release(product_ids)

    def _product(self, product_id: str) -> StoredProduct | None:
        return self._services.products.get(self._batch.category, product_id)

    def _is_held(self, product_id: str) -> bool:
        stored = self._services.products.get(self._batch.category, product_id)
        return stored is not None and stored.product.is_held_by(self._batch.batch_id)
