"""Storing catalogue rows: only what changed is written, and a claimed product's way is not disturbed."""

from dataclasses import dataclass
from enum import StrEnum

from shared.content.content_records import Claim
from shared.domain.clock import utcnow
from shared.domain.product import CATALOGUE_FIELDS, Product
from shared.domain.states import ProductStatus
from shared.persistence.content_repository import ContentRepository
from shared.persistence.product_repository import ProductRepository, StoredProduct, pending

# A product that changes under an import is read again this often.
_TRIES = 10
_IN_FLIGHT = (ProductStatus.PENDING, ProductStatus.PROCESSING)


class StoreResult(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class KeepsChanging(Exception):
    """A product was changed by others at each try; importing the file again will store it."""


@dataclass(frozen=True)
class Importer:
    """Writes one product at a time, safely beside runs and other imports."""

    products: ProductRepository
    contents: ContentRepository

    def store(self, product: Product) -> StoreResult:
        """Bring one product into the catalogue.

        The status of a claimed product stays as it is: settling compares the hash that was built with the
        hash that is now, and makes it pending again. A claimed product also stays in its category until then.

        Raises:
            KeepsChanging: when others kept writing the same product.
        """
        for _ in range(_TRIES):
            stored = self._store_once(product)
            if stored is not None:
                return stored
        raise KeepsChanging(f"Product {product.product_id} kept changing while it was imported.")

    def _store_once(self, product: Product) -> StoreResult | None:
        """One try; None: somebody else changed the product in between."""
        content_state = self.contents.content_state(product.product_id)
        if content_state.claim is None:
            # The claim row comes first: it is how a product is found by its id.
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
        if found.product.catalogue_hash == product.catalogue_hash and not found.product.discontinued_at:
            return StoreResult.UNCHANGED
        after = _merged(found.product, product)
        return None if self.products.replace(product.category, [(found, after)]) else StoreResult.UPDATED

    def _move(self, product: Product, claim: Claim, etag: str) -> StoreResult | None:
        """Move a product to another category: intent, new row, claim row, old row, the intent's end.

        The claim row says where the product lives; until the intent ends, a row in the other category is
        surplus. A move that stops anywhere, or meets another one, is carried on by whoever imports the
        product next: forward to the same category, and back where it is to go elsewhere.
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
        # A row that was there already may have been made of other facts: the next try looks.
        return None if refused else StoreResult.UPDATED

    def _end_move(self, product_id: str) -> None:
        """Delete the row that a move leaves over, whichever way it went, and end its intent."""
        for _ in range(_TRIES):
            content_state = self.contents.content_state(product_id)
            claim, etag = content_state.claim, content_state.claim_etag
            if claim is None or etag is None or claim.moving is None:
                return
            surplus = self.products.get(claim.moving, product_id)
            if surplus and not self._keep_waiting(surplus, claim.category):
                continue
            if surplus is None or self.products.delete(surplus):
                self.contents.write_claim(claim.model_copy(update={"moving": None}), etag)
        raise KeepsChanging(f"Product {product_id} kept changing while it was moved.")

    def _keep_waiting(self, surplus: StoredProduct, category: str) -> bool:
        """Let a product wait in the category that it stays in, where it was made to wait in the other.

        A regeneration may meet the old row after the new one was made of it. False: somebody was quicker.
        """
        kept = self.products.get(category, surplus.product.product_id)
        if kept is None or kept.product.content_hash != surplus.product.content_hash:
            return True  # other facts make it wait by themselves
        statuses = (surplus.product.openai_processing_status, kept.product.openai_processing_status)
        if statuses[0] != ProductStatus.PENDING or statuses[1] in _IN_FLIGHT:
            return True
        waits = pending(kept.product.model_copy(update={"attempts": 0}), utcnow())
        return not self.products.replace(category, [(kept, waits)])


def _new(product: Product) -> Product:
    now = utcnow()
    return pending(product.model_copy(update={"imported_at": now}), now)


def _merged(before: Product, product: Product) -> Product:
    """The stored product with the catalogue's new facts; pending again when its texts depend on them."""
    update = {name: getattr(product, name) for name in (*CATALOGUE_FIELDS, "catalogue_hash", "content_hash")}
    after = before.model_copy(update={**update, "imported_at": utcnow(), "discontinued_at": None})
    changed = before.content_hash != product.content_hash
    if changed and before.openai_processing_status != ProductStatus.PROCESSING:
        return pending(after.model_copy(update={"attempts": 0}), utcnow())
    if before.discontinued_at and before.openai_processing_status == ProductStatus.PENDING:
        return pending(after, utcnow())  # it waits again, having been out of the queue
    return after
