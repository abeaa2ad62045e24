"""The online round of a run: its last requests are sent online, if they are few and waiting costs more."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta

from shared.batching.estimate import RequestEstimator
from shared.batching.preparation import prepare_online
from shared.batching.run_batches import batches_of_run
from shared.domain.batch import OpenAIBatch, TransferMode
from shared.domain.clock import utcnow
from shared.domain.ids import newest_first_id
from shared.domain.outcome import NEVER_RAN, Outcome
from shared.domain.run import Run, Stragglers
from shared.domain.states import BatchStatus, JobStatus, RunStatus
from shared.domain.wait_reason import WaitReason, waiting
from shared.online_fallback.cost_decision import (
    decide_for_lines,
    decide_for_stalled_jobs,
    remaining_requests,
    stalled_duration,
)
from shared.openai_batch.request_lines import RequestLines
from shared.openai_batch.submission import JOB_TO_BE_CANCELLED
from shared.persistence import batch_files
from shared.persistence.pages import unless_unreadable
from shared.persistence.parallel import map_ordered
from shared.services import Services

# Azure reports a job's progress in large steps. A job without progress for this long counts as stalled.
_STALLED_AFTER = timedelta(hours=1)
# Category and id of a product, and the lines that would request what is missing.
_Remaining = tuple[str, str, RequestLines]


def advance(services: Services, run: Run, batches: Sequence[OpenAIBatch]) -> bool:
    """Take the next step of a run's online round; `batches` are all batches of the run.

    While jobs are open, stalled ones may be handed over. When all batches have ended, the online batches are
    created. Returns True when there are new online batches.

    With STRAGGLER_MAX_REQUESTS=0 it only finishes a round that was decided before the setting was changed.
    """
    if not services.settings.straggler_max_requests and run.stragglers is None:
        return False
    if run.status != RunStatus.RUNNING or not run.submit:
        return False
    # A running run has built its batches. One that is still building is of an interrupted online round.
    if any(not batch.status.is_terminal and batch.status != BatchStatus.BUILDING for batch in batches):
        _hand_over_stalled_jobs(services, run, batches)
        return False
    return _create_online_batches(services, run, batches)


def batches_to_start(services: Services, run_id: str) -> list[str]:
    """Return the ids of a run's online batches whose lifecycle is still to be started.

    With STRAGGLER_MAX_REQUESTS=0 it returns none: the reconciler starts batches that already exist.
    """
    if not services.settings.straggler_max_requests:
        return []
    run = services.runs.get(run_id)
    if run.stragglers is None or not run.stragglers.online:
        return []
    batches = batches_of_run(services, run_id)
    return [each.batch_id for each in batches if each.is_online and each.status == BatchStatus.CREATED]


def _create_online_batches(services: Services, run: Run, batches: Sequence[OpenAIBatch]) -> bool:
    """Decide once per run, and build the online batches. Returns True when there are some to be submitted.

    A call after an interruption builds the batches that are missing.
    """
    decision = run.stragglers
    if decision is None:
        decision = _decide(services, run, batches)
    if decision is None or not decision.online or decision.built:
        return False
    created = _build(services, run, batches)
    _store_decision(services, run, decision.model_copy(update={"built": True}))
    return bool(created)


def _hand_over_stalled_jobs(services: Services, run: Run, batches: Sequence[OpenAIBatch]) -> None:
    """Have a run's stalled jobs cancelled, if few requests remain and waiting costs more than online calls.

    What the jobs have answered is stored, as after every cancel. The online batches are created when the jobs
    have ended.
    """
    if not 0 < remaining_requests(batches) <= services.settings.straggler_max_requests:
        return
    open_batches = [batch for batch in batches if not batch.status.is_terminal]
    decision = run.stragglers
    if decision is None:
        stalled_for = stalled_duration(open_batches, utcnow())
        if stalled_for < _STALLED_AFTER:
            return
        decision = decide_for_stalled_jobs(services, batches, stalled_for)
        if not decision.online:
            return
        _store_decision(services, run, decision)
    if decision.online and not decision.built:
        for batch in open_batches:
            services.batches.modify(batch.batch_id, _mark_handed_over)


def _mark_handed_over(batch: OpenAIBatch) -> OpenAIBatch:
    if batch.status != BatchStatus.IN_PROGRESS or batch.cancel_requested_at or batch.given_over_at:
        return batch
    now = utcnow()
    waits = waiting(WaitReason.POLL, JOB_TO_BE_CANCELLED, now)
    return batch.model_copy(update={"given_over_at": now, **waits})


def _decide(services: Services, run: Run, batches: Sequence[OpenAIBatch]) -> Stragglers | None:
    """Decide about the remaining requests and store the decision; None when nothing remains."""
    limit = services.settings.straggler_max_requests
    found: list[RequestLines] = []
    for _, _, lines in _remaining_products(services, run, batches):
        found.append(lines)
        if sum(each.requests for each in found) > limit:
            break
    if not found:
        return None
    return _store_decision(services, run, decide_for_lines(services, found))


def _store_decision(services: Services, run: Run, decision: Stragglers) -> Stragglers:
    logging.info("run %s: decision on %d last requests: %s", run.run_id, decision.requests, decision.reason)
    after = services.runs.modify(
        run.run_id, lambda current: current.model_copy(update={"stragglers": decision})
    )
    return after.stragglers or decision


def _build(services: Services, run: Run, batches: Sequence[OpenAIBatch]) -> list[str]:
    """Build one online batch per category and return their ids. Continues an interrupted round.

    A batch requests everything that its products need, which may be more than the decision counted. Products
    that would exceed STRAGGLER_MAX_REQUESTS are left out.
    """
    free = services.settings.straggler_max_requests
    chosen: dict[str, list[str]] = defaultdict(list)
    for batch in (batch for batch in batches if batch.is_online):
        free -= batch.request_count
        if batch.status == BatchStatus.BUILDING:
            chosen[batch.category] = []
    for category, product_id, lines in _remaining_products(services, run, batches):
        if lines.requests <= free:
            free -= lines.requests
            chosen[category].append(product_id)
    created = []
    for category, product_ids in sorted(chosen.items()):
        batch_id = newest_first_id(run.created_at, f"{run.run_id}/{category}/{TransferMode.ONLINE}")
        batch = prepare_online(services, run, batch_id, category, product_ids)
        created += [batch_id] if batch.status == BatchStatus.CREATED else []
    return created


def _remaining_products(services: Services, run: Run, batches: Sequence[OpenAIBatch]) -> Iterator[_Remaining]:
    """Yield the waiting products of a run's batches that still need requests."""
    seen: set[str] = set()
    for batch in batches:
        # A person who cancelled a batch, here or at Azure, does not want its products requested another way.
        cancelled_at_azure = batch.job_status == JobStatus.CANCELLED and not batch.given_over_at
        if batch.cancel_requested_at or cancelled_at_azure:
            continue
        if batch.is_online or not batch.product_count or not batch.counts.failed:
            continue
        estimator = RequestEstimator(services, batch.category, run.locales)
        ids = [
            product_id for product_id in _unfinished_product_ids(services, batch) if product_id not in seen
        ]
        seen.update(ids)
        for product_id, lines in zip(ids, map_ordered(unless_unreadable(estimator.lines), ids), strict=True):
            if lines is not None:
                yield batch.category, product_id, lines


def _unfinished_product_ids(services: Services, batch: OpenAIBatch) -> Iterator[str]:
    """Yield the ids of the batch's products that have a request without stored content.

    In a batch that was handed over, only requests that never ran count. The decision counted those alone,
    because the quality of the answers was not known then.
    """
    outcomes = batch_files.read_outcomes(services.blobs, batch.batch_id, batch.segments)
    finished = {
        request.custom_id
        for request in outcomes
        if (request.outcome not in NEVER_RAN if batch.given_over_at else request.outcome == Outcome.STORED)
    }
    for manifest_line in batch_files.read_manifest(services.blobs, batch.filename).values():
        groups = range(len(manifest_line.groups))
        if any(manifest_line.custom_id(group) not in finished for group in groups):
            yield manifest_line.product_id
