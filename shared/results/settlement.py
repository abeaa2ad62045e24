"""Letting a batch's products go, each with a clear status: what is missing, why, and when to try again."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from shared.batching.eligibility import askable_parts, needed_parts, standing, tries_of
from shared.content.content_records import Candidate, TryState
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.outcome import ManifestLine, Outcome, RequestOutcome
from shared.domain.product import Product
from shared.domain.states import JobStatus, ProductStatus
from shared.persistence.pages import unless_unreadable
from shared.persistence.parallel import map_ordered
from shared.persistence.product_repository import StoredProduct, pending
from shared.results.batch_totals import BatchTotals, without_line
from shared.services import Services

_MESSAGE_LENGTH = 1000


class Settlement:
    """Settles the products of one batch."""

    def __init__(self, services: Services, batch: OpenAIBatch, tally: BatchTotals) -> None:
        self._services = services
        self._batch = batch
        self._tally = tally

    def products(self, lines: list[ManifestLine]) -> None:
        """Turn the products of some manifest lines, then release them; who is released is settled."""
        waiting = lines
        while waiting:
            loaded = list(map_ordered(unless_unreadable(self._decide), waiting))
            changes = [(sent, change) for sent, change in zip(waiting, loaded, strict=True) if change]
            refused = self._services.products.replace(self._batch.category, [change for _, change in changes])
            # A row that an import changed meanwhile is read and decided upon again.
            waiting = [changes[place][0] for place in refused]
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
        """Requests without a result line were met by no ingestion: their tries are written here."""
        tries = []
        for group, parts in enumerate(sent.groups):
            custom_id = sent.custom_id(group)
            if custom_id not in self._tally.without_line:
                continue
            request = without_line(self._batch, custom_id)
            tries += [self._unanswered(sent, part, request) for part in parts]
        if tries:
            self._services.contents.store(sent.product_id, [(candidate, None) for candidate in tries])

    def _unanswered(self, sent: ManifestLine, part: str, request: RequestOutcome) -> Candidate:
        # A request that never ran is no try of the product's, so none is used up.
        tried = self._batch.job_status == JobStatus.COMPLETED
        return Candidate(
            part=part,
            state=TryState.FAILED,
            outcome=request.outcome or Outcome.MISSING,
            reason=request.reason,
            attempts=sent.attempts[part] - (0 if tried else 1),
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
                "standing": standing(settings.locales, product, content_state),
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
        asked = {part for group in sent.groups for part in group}
        if not asked & set(missing):
            # What was asked for is stored; the other parts wait for a batch of theirs.
            return pending(processed.model_copy(update={"attempts": 0}), now)
        message = self._message(missing, content_state.candidates)
        tries = max(tries_of(content_state, product, part) for part in missing)
        failed = processed.model_copy(update={"openai_error_message": message, "attempts": tries})
        if not askable_parts(settings, missing, product, content_state):
            return failed.model_copy(update={"openai_processing_status": ProductStatus.FAILED})
        if self._batch.cancel_requested_at:
            return pending(failed, now)  # whoever cancelled may want to run it anew at once
        return pending(failed, now + timedelta(seconds=settings.retry_delay_seconds * max(1, tries)))

    def _message(self, missing: tuple[str, ...], candidates: Mapping[str, Candidate]) -> str:
        by_reason: dict[str, list[str]] = defaultdict(list)
        for part in missing:
            candidate = candidates.get(part)
            said = f"{candidate.outcome}: {candidate.reason}" if candidate else "not asked for yet"
            by_reason[said].append(part)
        said = "; ".join(f"{', '.join(parts)}: {reason}" for reason, parts in by_reason.items())
        return f"Missing {said}"[:_MESSAGE_LENGTH]
