"""Settle a batch: merge the outcomes against the manifest, and let every product go with a clear status.

The batch's own record turns final last, so a settling that stops half-way is simply done again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

import azure.durable_functions as df

from activities.doubled import store_those_that_count
from shared.clock import utcnow
from shared.models.batch import OpenAIBatch
from shared.models.content import Candidate, TryState
from shared.models.outcome import ManifestLine, Outcome, OutcomeCounts, RequestOutcome, VariantCounts
from shared.models.product import Product
from shared.needs import askable_parts, needed_parts, standing, tries_of
from shared.parallel import map_ordered
from shared.services import Services, get_services
from shared.states import BatchStatus, ProductStatus
from shared.storage import batch_files
from shared.storage.products import StoredProduct, pending

bp = df.Blueprint()

_CHUNK = 50
_MESSAGE_LENGTH = 1000

# What a request that has no result line came to, by how its job ended.
_WITHOUT_LINE = {
    "expired": (Outcome.EXPIRED, "the job expired before this request was answered"),
    "cancelled": (Outcome.CANCELLED, "the job was cancelled before this request was answered"),
    "completed": (Outcome.MISSING, "no result line came back for this request"),
}
_FINAL = {
    "completed": BatchStatus.COMPLETED,
    "expired": BatchStatus.EXPIRED,
    "cancelled": BatchStatus.CANCELLED,
}


@bp.activity_trigger(input_name="payload")
def settle_batch(payload: str) -> str:
    """Input: batch id. Output: the batch's final status."""
    return str(settle(get_services(), payload))


def settle(services: Services, batch_id: str) -> BatchStatus:
    """Bring a batch whose segments are all ingested to its final state."""
    batch = services.batches.get(batch_id)
    if batch.status != BatchStatus.INGESTING:
        return batch.status
    manifest = batch_files.read_manifest(services.blobs, batch.filename)
    tally = _tally(batch, manifest, batch_files.read_outcomes(services.blobs, batch_id, batch.segments))
    store_those_that_count(services, batch, manifest, tally.came_twice)
    settling = _Settling(services, batch, tally)
    lines = iter(manifest.values())
    by_prompt: dict[str, VariantCounts] = {}
    while chunk := list(islice(lines, _CHUNK)):
        settling.products(chunk)
        for sent in chunk:
            before = by_prompt.get(sent.prompt_version, VariantCounts())
            by_prompt[sent.prompt_version] = before.plus(_variant_counts(sent, tally))
    services.processor.forget(batch)
    services.budget.give_back_quota(batch)
    services.summaries.recompute(batch.category)
    return _finish(services, batch, tally, by_prompt).status


@dataclass
class _Tally:
    """The one outcome of each request, and what came on top."""

    by_request: dict[str, RequestOutcome] = field(default_factory=dict)
    doubled: int = 0
    came_twice: set[str] = field(default_factory=set)
    unknown: int = 0
    without_line: set[str] = field(default_factory=set)


def _tally(
    batch: OpenAIBatch, manifest: Mapping[int, ManifestLine], outcomes: Iterator[RequestOutcome]
) -> _Tally:
    tally = _Tally()
    for outcome in outcomes:
        if outcome.outcome is None:
            tally.unknown += 1
            continue
        before = tally.by_request.get(outcome.custom_id)
        if before is not None:
            tally.doubled += 1
            tally.came_twice.add(outcome.custom_id)
        if before is None or (before.outcome != Outcome.STORED and outcome.outcome == Outcome.STORED):
            tally.by_request[outcome.custom_id] = outcome
    for sent in manifest.values():
        for group in range(len(sent.groups)):
            custom_id = sent.custom_id(group)
            if custom_id not in tally.by_request:
                tally.without_line.add(custom_id)
                tally.by_request[custom_id] = _without_line(batch, custom_id)
    return tally


def _without_line(batch: OpenAIBatch, custom_id: str) -> RequestOutcome:
    failed = (Outcome.REQUEST_FAILED, batch.job_error or "Azure failed the whole job without saying why")
    outcome, reason = _WITHOUT_LINE.get(batch.job_status or "", failed)
    return RequestOutcome(custom_id=custom_id, outcome=outcome, reason=reason)


class _Settling:
    def __init__(self, services: Services, batch: OpenAIBatch, tally: _Tally) -> None:
        self._services = services
        self._batch = batch
        self._tally = tally

    def products(self, lines: list[ManifestLine]) -> None:
        """Turn the products of some manifest lines, then release them; who is released is settled."""
        waiting = lines
        while waiting:
            loaded = list(map_ordered(self._decide, waiting))
            changes = [(sent, change) for sent, change in zip(waiting, loaded, strict=True) if change]
            refused = self._services.products.replace(self._batch.category, [change for _, change in changes])
            # A row that an import changed meanwhile is read and decided upon again.
            waiting = [changes[place][0] for place in refused]
        for _ in map_ordered(self._release, lines):
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
            request = self._tally.by_request[custom_id]
            tries += [self._unanswered(sent, part, request) for part in parts]
        if tries:
            self._services.contents.store(sent.product_id, [(candidate, None) for candidate in tries])

    def _unanswered(self, sent: ManifestLine, part: str, request: RequestOutcome) -> Candidate:
        # A request that never ran is no try of the product's, so none is used up.
        tried = self._batch.job_status == "completed"
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
        ledger = self._services.contents.ledger(product.product_id)
        processed = product.model_copy(
            update={
                "openai_processed_at": now,
                "openai_error_message": None,
                "standing": standing(settings.locales, product, ledger),
                "scores": ledger.scores,
            }
        )
        missing = needed_parts(settings.locales, product, ledger)
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
        message = self._message(missing, ledger.candidates)
        tries = max(tries_of(ledger, product, part) for part in missing)
        failed = processed.model_copy(update={"openai_error_message": message, "attempts": tries})
        if not askable_parts(settings, missing, product, ledger):
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


def _variant_counts(sent: ManifestLine, tally: _Tally) -> VariantCounts:
    requests = [tally.by_request[sent.custom_id(group)] for group in range(len(sent.groups))]
    scores = [score for request in requests for score in request.scores]
    return VariantCounts(
        products=1,
        requests=len(requests),
        by_outcome=dict(Counter(request.outcome for request in requests if request.outcome)),
        scored=len(scores),
        score_sum=sum(scores),
        score_squares=sum(score * score for score in scores),
        prompt_tokens=sum(request.prompt_tokens for request in requests),
        completion_tokens=sum(request.completion_tokens for request in requests),
    )


def _finish(
    services: Services, batch: OpenAIBatch, tally: _Tally, by_prompt: dict[str, VariantCounts]
) -> OpenAIBatch:
    requests = tally.by_request.values()
    counts = OutcomeCounts(
        by_outcome=dict(Counter(request.outcome for request in requests if request.outcome)),
        locales=sum(request.locales_stored for request in requests),
        doubled=tally.doubled,
        unknown=tally.unknown,
    )
    prompt_tokens = sum(request.prompt_tokens for request in requests)
    completion_tokens = sum(request.completion_tokens for request in requests)
    cost = services.settings.cost_of(prompt_tokens, completion_tokens)
    services.budget.settle_cost(batch, cost)
    update = {
        "status": _FINAL.get(batch.job_status or "", BatchStatus.FAILED),
        "completed_at": utcnow(),
        "error_message": _summary(batch, counts),
        "needs_attention": None,
        "counts": counts,
        "by_prompt": by_prompt,
        "requests_done": counts.total - len(tally.without_line),
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "cost": round(cost, 6),
        "waits_for": None,
        "waits_since": None,
    }
    return services.batches.modify(batch.batch_id, lambda current: current.model_copy(update=update))


def _summary(batch: OpenAIBatch, counts: OutcomeCounts) -> str | None:
    if batch.job_error:
        return batch.job_error[:_MESSAGE_LENGTH]
    failures = {name: n for name, n in sorted(counts.by_outcome.items()) if name != Outcome.STORED}
    if not failures:
        return None
    said = ", ".join(f"{n} {name}" for name, n in failures.items())
    return f"{counts.failed} of {counts.total} requests failed: {said}."
