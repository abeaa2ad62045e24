"""Claims: a product's promise to one batch, made by a conditional write, never taken from a live batch."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.batching.eligibility import askable_parts, needed_parts
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

# A claim past this age is looked into; it is taken over only when its batch has ended.
CLAIM_DURATION = timedelta(hours=48)


@dataclass(frozen=True)
class Claimed:
    """A product that is promised to the batch, and the parts of its content that it needs."""

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

    def take(self, product_ids: Sequence[str]) -> list[Claimed]:
        """Claim what can be claimed of `product_ids`, in their order. Ours from an earlier try count too."""
        found = map_ordered(unless_unreadable(self._take), product_ids)
        return [claimed for claimed in found if claimed is not None]

    def mark_processing(self, taken_now: Sequence[tuple[Claimed, ManifestLine]]) -> list[int]:
        """Turn the products' rows to `processing`; the answer lists the places of those that had changed.

        A row that another delivery of the same build has turned already is as good.
        """
        changes: list[tuple[int, tuple[StoredProduct, Product]]] = []
        for place, (item, sent) in enumerate(taken_now):
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
        """Free products of their promise to this batch."""
        for _ in map_ordered(unless_unreadable(self._release), product_ids):
            pass

    def _release(self, product_id: str) -> None:
        self._services.contents.release(product_id, self._batch.batch_id)

    def _take(self, product_id: str) -> Claimed | None:
        stored = self._services.products.get(self._batch.category, product_id)
        if stored is None:
            return None
        product = stored.product
        waits = product.openai_processing_status == ProductStatus.PENDING
        if not waits and not product.is_held_by(self._batch.batch_id):
            return None
        content_state = self._services.contents.content_state(product_id)
        settings = self._services.settings
        if not needed_parts(settings.locales, product, content_state):
            self._complete(stored)
        parts = askable_parts(settings, self._batch.locales, product, content_state)
        if not parts:
            return None
        if not self._claim(content_state):
            return None
        return Claimed(stored, parts, content_state)

    def _claim(self, content_state: ContentState) -> bool:
        claim = content_state.claim
        if claim is None or claim.category != self._batch.category or claim.moving:
            return False
        if claim.batch_id == self._batch.batch_id:
            return True
        if claim.batch_id and not self._has_ended(claim):
            return False
        promised = taken(
            claim, self._batch.category, self._batch.batch_id, uuid.uuid4().hex, utcnow() + CLAIM_DURATION
        )
        if self._services.contents.write_claim(promised, content_state.claim_etag):
            return True
        # Another delivery of the same build may have been first: its promise is this batch's too.
        now = self._services.contents.claim(claim.product_id)
        return now is not None and now.batch_id == self._batch.batch_id

    def _has_ended(self, claim: Claim) -> bool:
        if claim.batch_id is None or (claim.expires_at and claim.expires_at > utcnow()):
            return False
        batch = self._services.batches.find(claim.batch_id)
        return batch is None or batch.status.is_terminal

    def _complete(self, stored: StoredProduct) -> None:
        """A product that waits and needs nothing (its facts changed back, say) is complete."""
        after = stored.product.model_copy(
            update={"openai_processing_status": ProductStatus.COMPLETED, "due_at": None, "attempts": 0}
        )
        self._services.products.replace(self._batch.category, [(stored, after)])

    def give_back(self, product_ids: Sequence[str]) -> None:
        """Undo what was taken for a batch that will never be submitted: rows pending again, claims free."""
        waiting = product_ids
        while waiting:
            found = map(unless_unreadable(self._product), waiting)
            ours = [stored for stored in found if stored and stored.product.is_held_by(self._batch.batch_id)]
            changes = [(stored, pending(stored.product, utcnow())) for stored in ours]
            refused = self._services.products.replace(self._batch.category, changes)
            waiting = [ours[place].product.product_id for place in refused]
        self.release(product_ids)

    def _product(self, product_id: str) -> StoredProduct | None:
        return self._services.products.get(self._batch.category, product_id)

    def _is_held(self, product_id: str) -> bool:
        stored = self._services.products.get(self._batch.category, product_id)
        return stored is not None and stored.product.is_held_by(self._batch.batch_id)
