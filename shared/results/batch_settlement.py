"""Settling a batch: the outcomes are compared with the manifest, and every product gets its final status.

The batch's own record turns final last, so a settlement that stops half-way is done again.
"""

import logging
from collections.abc import Mapping
from itertools import islice

from shared.batching.azure_wait import NOT_SERVED, note_failure
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.outcome import Outcome, OutcomeCounts
from shared.domain.states import BatchStatus, JobStatus
from shared.domain.wait_reason import NOT_WAITING
from shared.persistence import batch_files
from shared.results.batch_totals import BatchTotals, count_batch
from shared.results.duplicates import resolve_duplicates
from shared.results.product_settlement import ProductSettlement
from shared.results.worst_cases import worst_cases
from shared.services import Services

_CHUNK = 50
_MESSAGE_LENGTH = 1000

# The final state of a batch by the status of its job. Any other job status is a failure.
_FINAL: Mapping[str, BatchStatus] = {
    JobStatus.COMPLETED: BatchStatus.COMPLETED,
    JobStatus.EXPIRED: BatchStatus.EXPIRED,
    JobStatus.CANCELLED: BatchStatus.CANCELLED,
}


def settle(services: Services, batch_id: str) -> BatchStatus:
    """Bring a batch whose segments are all ingested to its final state, and return that state.

    Raises:
        NotFound: when there is no such batch.
        RemoteError: when Azure's files cannot be deleted now; the record says what the batch waits for.
    """
    batch = services.batches.get(batch_id)
    if batch.status != BatchStatus.INGESTING:
        return batch.status
    manifest = batch_files.read_manifest(services.blobs, batch.filename)
    totals = count_batch(
        services.settings.priced_for(batch),
        batch,
        manifest,
        lambda: batch_files.read_outcomes(services.blobs, batch_id, batch.segments),
        lambda custom_ids: worst_cases(services.blobs.lines(batch.filename), custom_ids),
    )
    if totals.without_usage:
        logging.error("batch %s: %s", batch_id, _without_usage(totals.without_usage))
    resolve_duplicates(services, batch, manifest, totals.duplicate_ids)
    settlement = ProductSettlement(services, batch, totals)
    lines = iter(manifest.values())
    while chunk := list(islice(lines, _CHUNK)):
        settlement.settle(chunk)
    try:
        services.router.processor_for(batch).forget(batch)
    except NOT_SERVED as error:
        note_failure(services, batch, error)
        raise
    services.budget.give_back_quota(batch)
    services.balancer.note(batch)
    services.summaries.recompute(batch.category)
    return _finish(services, batch, totals).status


def _finish(services: Services, batch: OpenAIBatch, totals: BatchTotals) -> OpenAIBatch:
    total = totals.total
    counts = OutcomeCounts(
        by_outcome=total.by_outcome,
        locales=totals.locales,
        doubled=totals.duplicate_lines,
        unknown=totals.unknown_lines,
        without_usage=totals.without_usage,
    )
    services.budget.settle_cost(batch, total.cost)
    update = {
        "status": _FINAL.get(batch.job_status or "", BatchStatus.FAILED),
        "completed_at": utcnow(),
        "error_message": _error_message(batch, counts),
        "needs_attention": None,
        "counts": counts,
        "by_prompt": totals.by_prompt,
        "requests_done": counts.total - len(totals.unanswered_ids),
        "prompt_tokens": total.prompt_tokens,
        "completion_tokens": total.completion_tokens,
        "cost": round(total.cost, 6),
        **NOT_WAITING,
    }
    return services.batches.modify(batch.batch_id, lambda current: current.model_copy(update=update))


def _error_message(batch: OpenAIBatch, counts: OutcomeCounts) -> str | None:
    sentences = [_failures(batch, counts)]
    if counts.without_usage:
        sentences.append(_without_usage(counts.without_usage))
    return " ".join(filter(None, sentences)) or None


def _without_usage(count: int) -> str:
    return f"{count} requests came back without token counts: their cost is counted at its worst case."


def _failures(batch: OpenAIBatch, counts: OutcomeCounts) -> str | None:
    if batch.job_error:
        return batch.job_error[:_MESSAGE_LENGTH]
    failures = {name: n for name, n in sorted(counts.by_outcome.items()) if name != Outcome.STORED}
    if not failures:
        return None
    by_outcome = ", ".join(f"{n} {name}" for name, n in failures.items())
    return f"{counts.failed} of {counts.total} requests failed: {by_outcome}."
