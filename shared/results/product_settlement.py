"""Settling a batch's products: each gets its status, what is missing and why, and when it is tried again."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from shared.batching.eligibility import failed_attempts, needed_parts, part_states, requestable_parts
from shared.content.content_records import Candidate, TryState
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.outcome import ManifestLine, Outcome, RequestOutcome
from shared.domain.product import Product
from shared.domain.states import JobStatus, ProductStatus
from shared.persistence.pages import unless_unreadable
from shared.persistence.parallel import map_ordered
from shared.persistence.product_repository import StoredProduct, pending
from shared.results.batch_totals import BatchTotals, unanswered_outcome
from shared.services import Services

_MESSAGE_LENGTH = 1000


class ProductSettlement:
    """Settles the products of one batch."""

    def __init__(self, services: Services, batch: OpenAIBatch, totals: BatchTotals) -> None:
        self._services = services
        self._batch = batch
        self._totals = totals

    def settle(self, lines: list[ManifestLine]) -> None:
        """Set the status of some manifest lines' products, then release their claims.

        A product whose claim is released is settled.
        """
        remaining = lines
        while remaining:
            loaded = list(map_ordered(unless_unreadable(self._decide), remaining))
            changes = [(sent, change) for sent, change in zip(remaining, loaded, strict=True) if change]
            refused = self._services.products.replace(self._batch.category, [change for _, change in changes])
            # A row that an import changed meanwhile is read again, and its status is decided again.
            remaining = [changes[place][0] for place in refused]
        for _ in map_ordered(unless_unreadable(self._release), lines):
            pass

    def _release(self, sent: ManifestLine) -> None:
        self._services.contents.release(sent.product_id, self._batch.batch_id)

    def _decide(self, sent: ManifestLine) -> tuple[StoredProduct, Product] | None:
        stored = self._services.products.get(self._batch.category, sent.product_id)
        if stored is None or not stored.product.is_held_by(self._batch.batch_id):
            return None
        self._note_unanswered(sent)
        return stored, self._after(stored.product, sent)

    def _note_unanswered(self, sent: ManifestLine) -> None:
        """Store the attempts of requests without a result line: no ingestion has seen them."""
        tries = []
        for group, parts in enumerate(sent.groups):
            custom_id = sent.custom_id(group)
            if custom_id not in self._totals.unanswered_ids:
                continue
            request = unanswered_outcome(self._batch, custom_id)
            tries += [self._unanswered(sent, part, request) for part in parts]
        if tries:
            self._services.contents.store(sent.product_id, [(candidate, None) for candidate in tries])

    def _unanswered(self, sent: ManifestLine, part: str, request: RequestOutcome) -> Candidate:
        # A request that never ran uses up no attempt of the product.
        ran = self._batch.job_status == JobStatus.COMPLETED
        return Candidate(
            part=part,
            state=TryState.FAILED,
            outcome=request.outcome or Outcome.MISSING,
            reason=request.reason,
            attempts=sent.attempts[part] - (0 if ran else 1),
            batch_id=self._batch.batch_id,
            content_hash=sent.content_hash,
            prompt_version=sent.prompt_version,
            updated_at=utcnow(),
        )

    def _after(self, product: Product, sent: ManifestLine) -> Product:
        settings, now = self._services.settings, utcnow()
        content_state = self._services.contents.content_state(product.product_id)
        processed = product.model_copy(
            update={
                "openai_processed_at": now,
                "openai_error_message": None,
                "standing": part_states(settings.locales, product, content_state),
                "scores": content_state.scores,
            }
        )
        missing = needed_parts(settings.locales, product, content_state)
        if not missing:
            return processed.model_copy(
                update={"openai_processing_status": ProductStatus.COMPLETED, "attempts": 0}
            )
        if product.content_hash != sent.content_hash:
            return pending(processed.model_copy(update={"attempts": 0}), now)
        requested = {part for group in sent.groups for part in group}
        if not requested & set(missing):
            # Everything requested is stored. The other parts wait for another batch.
            return pending(processed.model_copy(update={"attempts": 0}), now)
        message = self._message(missing, content_state.candidates)
        tries = max(failed_attempts(content_state, product, part) for part in missing)
        failed = processed.model_copy(update={"openai_error_message": message, "attempts": tries})
        if not requestable_parts(settings, missing, product, content_state):
            return failed.model_copy(update={"openai_processing_status": ProductStatus.FAILED})
        if self._batch.cancel_requested_at:
            return pending(failed, now)  # a person who cancelled the batch may want to run it again at once
        return pending(failed, now + timedelta(seconds=settings.retry_delay_seconds * max(1, tries)))

    def _message(self, missing: tuple[str, ...], candidates: Mapping[str, Candidate]) -> str:
        by_reason: dict[str, list[str]] = defaultdict(list)
        for part in missing:
            candidate = candidates.get(part)
            reason = f"{candidate.outcome}: {candidate.reason}" if candidate else "not requested yet"
            by_reason[reason].append(part)
        missing_by_reason = "; ".join(f"{', '.join(parts)}: {reason}" for reason, parts in by_reason.items())
        return f"Missing {missing_by_reason}"[:_MESSAGE_LENGTH]
