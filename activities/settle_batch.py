"""Settle a batch: merge the outcomes against the manifest, and let every product go with a clear status.

The batch's own record turns final last, so a settling that stops half-way is simply done again.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import islice

import azure.durable_functions as df

from activities.doubled import store_those_that_count
from activities.settling import Settling
from activities.tally import Tally, tally_of
from shared.clock import utcnow
from shared.models.batch import OpenAIBatch
from shared.models.outcome import ManifestLine, Outcome, OutcomeCounts, RequestOutcome, VariantCounts
from shared.services import Services, get_services
from shared.states import BatchStatus
from shared.storage import batch_files

bp = df.Blueprint()

_CHUNK = 50
_MESSAGE_LENGTH = 1000

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
    tally = tally_of(batch, manifest, batch_files.read_outcomes(services.blobs, batch_id, batch.segments))
    store_those_that_count(services, batch, manifest, tally.came_twice)
    settling = Settling(services, batch, tally)
    lines = iter(manifest.values())
    by_prompt: dict[str, VariantCounts] = {}
    while chunk := list(islice(lines, _CHUNK)):
        settling.products(chunk)
        for sent in chunk:
            before = by_prompt.get(sent.prompt_version, VariantCounts())
            by_prompt[sent.prompt_version] = before.plus(_variant_counts(services, sent, tally))
    services.processor.forget(batch)
    services.budget.give_back_quota(batch)
    services.spreading.note(batch)
    services.summaries.recompute(batch.category)
    return _finish(services, batch, tally, by_prompt).status


def _variant_counts(services: Services, sent: ManifestLine, tally: Tally) -> VariantCounts:
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
        cost=_cost(services, requests),
    )


def _cost(services: Services, requests: Iterable[RequestOutcome]) -> float:
    return sum(
        services.settings.cost_of(
            request.prompt_tokens, request.completion_tokens, request.cached_tokens, request.model
        )
        for request in requests
    )


def _finish(
    services: Services, batch: OpenAIBatch, tally: Tally, by_prompt: dict[str, VariantCounts]
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
    cost = _cost(services, requests)
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
