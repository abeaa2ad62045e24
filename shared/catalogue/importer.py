"""Storing catalogue products: only what changed is written.

A product that a batch has claimed keeps its status and its category until the batch is settled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.content.content_records import Claim
from shared.domain.clock import utcnow
from shared.domain.product import CATALOGUE_FIELDS, Product
from shared.domain.states import ProductStatus
from shared.persistence.content_repository import ContentRepository
from shared.persistence.product_repository import ProductRepository, StoredProduct, pending
from shared.persistence.read_modify_write import retry_conflicts

_IN_FLIGHT = (ProductStatus.PENDING, ProductStatus.PROCESSING)


class StoreResult(StrEnum):
    """What storing a product did. The values are the names of the counts in `ImportReport`."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Importer:
    """Stores one product at a time. It is safe beside runs and other imports."""

    products: ProductRepository
    contents: ContentRepository

    def store(self, product: Product) -> StoreResult:
        """Store one product in the catalogue.

        A claimed product keeps its status and its category. When its batch is settled, the hash of the facts
        that were sent is compared with the current one, and the product becomes pending again if they differ.

        Raises:
            ConcurrentUpdate: when other writers kept changing the product. Import the file again.
        """
        return retry_conflicts(f"Product {product.product_id}", lambda: self._store_once(product))

    def compare(self, product: Product) -> StoreResult:
        """What `store` would do, without a write."""
        claim = self.contents.claim(product.product_id)
        found = self.products.get(claim.category, product.product_id) if claim else None
        if claim is None or found is None:
            return StoreResult.CREATED
        moves = claim.category != product.category and not claim.batch_id
        same = _is_same(found.product, product) and not moves
        return StoreResult.UNCHANGED if same else StoreResult.UPDATED

    def current_id(self, product_ids: Sequence[str]) -> str:
        """The id to store a product under: the first of its ids, unless it is stored under another one."""
        known = (product_id for product_id in product_ids if self.contents.claim(product_id))
        return product_ids[0] if len(product_ids) == 1 else next(known, product_ids[0])

    def _store_once(self, product: Product) -> StoreResult | None:
        """Returns None when a concurrent writer changed the product first."""
        content_state = self.contents.content_state(product.product_id)
        if content_state.claim is None:
            # The claim row is written first: a product is found by its id through it.
            new_claim = Claim(product_id=product.product_id, category=product.category)
            if not self.contents.write_claim(new_claim, None):
                return None
            content_state = self.contents.content_state(product.product_id)
        claim, etag = content_state.claim, content_state.claim_etag
        if claim is None or etag is None:
            return None
        if claim.moving not in (None, product.category):
            self._end_move(product.product_id)
            return None
        if claim.category != product.category and not claim.batch_id:
            return self._move(product, claim, etag)
        return self._write(product.model_copy(update={"category": claim.category}))

    def _write(self, product: Product) -> StoreResult | None:
        found = self.products.get(product.category, product.product_id)
        if found is None:
            created = not self.products.insert(product.category, [_new(product)])
            return StoreResult.CREATED if created else None
        if _is_same(found.product, product):
            return StoreResult.UNCHANGED
        after = _merged(found.product, product)
        return None if self.products.replace(product.category, [(found, after)]) else StoreResult.UPDATED

    def _move(self, product: Product, claim: Claim, etag: str) -> StoreResult | None:
        """Move a product to another category. Returns None when the next attempt must check again.

        The order is: store the intent in the claim, write the new row, change the claim's category, delete
        the old row, end the intent. The claim row says in which category the product is. Until the intent
        ends, a row in the other category is surplus. If a move stops anywhere, or meets another move, the
        next import of the product finishes it if it has the same target, and undoes it otherwise.
        """
        intent = claim.model_copy(update={"moving": product.category})
        if claim.moving is None and not self.contents.write_claim(intent, etag):
            return None
        old = self.products.get(claim.category, product.product_id)
        row = _new(product) if old is None else _merged(old.product, product)
        refused = self.products.insert(product.category, [row])
        held = self.contents.content_state(product.product_id)
        if held.claim != intent or held.claim_etag is None:
            return None
        turned = intent.model_copy(update={"category": product.category, "moving": claim.category})
        if not self.contents.write_claim(turned, held.claim_etag):
            return None
        self._end_move(product.product_id)
        # A row that existed already may hold other facts: the next attempt compares them.
        return None if refused else StoreResult.UPDATED

    def _end_move(self, product_id: str) -> None:
        """Delete the surplus row of a move, finished or undone, and end its intent."""

        def attempt() -> bool | None:
            content_state = self.contents.content_state(product_id)
            claim, etag = content_state.claim, content_state.claim_etag
            if claim is None or etag is None or claim.moving is None:
                return True
            surplus = self.products.get(claim.moving, product_id)
            if surplus and not self._carry_pending_over(surplus, claim.category):
                return None
            if surplus and not self.products.delete(surplus):
                return None
            return self.contents.write_claim(claim.model_copy(update={"moving": None}), etag) or None

        retry_conflicts(f"Product {product_id}, which moves,", attempt)

    def _carry_pending_over(self, surplus: StoredProduct, category: str) -> bool:
        """Set the kept row to pending if a regeneration set only the surplus row to pending.

        That happens when the regeneration writes the old row after the new one was copied from it. Returns
        False when a concurrent writer changed the kept row first.
        """
        kept = self.products.get(category, surplus.product.product_id)
        if kept is None or kept.product.content_hash != surplus.product.content_hash:
            return True  # rows with other facts are pending anyway
        statuses = (surplus.product.openai_processing_status, kept.product.openai_processing_status)
        if statuses[0] != ProductStatus.PENDING or statuses[1] in _IN_FLIGHT:
            return True
        after = pending(kept.product.model_copy(update={"attempts": 0}), utcnow())
        return not self.products.replace(category, [(kept, after)])


def _is_same(stored: Product, product: Product) -> bool:
    return stored.catalogue_hash == product.catalogue_hash and not stored.discontinued_at


def _new(product: Product) -> Product:
    now = utcnow()
    return pending(product.model_copy(update={"imported_at": now}), now)


def _merged(before: Product, product: Product) -> Product:
    """The stored product with the new facts of the catalogue, pending again if its texts depend on them."""
    update = {name: getattr(product, name) for name in (*CATALOGUE_FIELDS, "catalogue_hash", "content_hash")}
    after = before.model_copy(update={**update, "imported_at": utcnow(), "discontinued_at": None})
    changed = before.content_hash != product.content_hash
    if changed and before.openai_processing_status != ProductStatus.PROCESSING:
        return pending(after.model_copy(update={"attempts": 0}), utcnow())
    if before.discontinued_at and before.openai_processing_status == ProductStatus.PENDING:
        return pending(after, utcnow())  # discontinued products have no queue marker, so it needs a new one
    return after
