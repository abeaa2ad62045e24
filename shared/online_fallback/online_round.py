"""The last round of a run: what its batches left is asked online, where there is little of it and it pays."""

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
from shared.domain.states import BatchStatus
from shared.online_fallback.cost_decision import left_of, standstill, weigh_jobs, weigh_lines
from shared.openai_batch.request_lines import RequestLines
from shared.persistence import batch_files
from shared.persistence.parallel import map_ordered
from shared.services import Services

# Azure says in lumps how far a job is; one that has not got on for so long stands still.
STANDSTILL = timedelta(hours=1)
# Category and id of a product that is left, with the lines that would ask for it.
_Left = tuple[str, str, RequestLines]


def begin_online_round(services: Services, run: Run, batches: Sequence[OpenAIBatch]) -> bool:
    """Decide about what a run's batches, which have all ended, left to be asked, and make the batches of it.

    The answer says whether there are batches to be asked now. Decided once a run; a round that stopped
    half-way is found by the next call, which makes the rest of it.
    """
    stragglers = run.stragglers
    if stragglers is None:
        if not (run.submit and services.settings.straggler_max_requests):
            return False
        stragglers = _decide(services, run, batches)
    if stragglers is None or not stragglers.online or stragglers.built:
        return False
    made = _make(services, run, batches)
    _note(services, run, stragglers.model_copy(update={"built": True}))
    return bool(made)


def give_jobs_over(services: Services, run: Run, batches: Sequence[OpenAIBatch]) -> None:
    """Have the jobs of a run cancelled that stand still with little left, where it pays to ask that online.

    What they have answered is stored as after any cancel; the round follows when they have ended.
    """
    if not (run.submit and 0 < left_of(batches) <= services.settings.straggler_max_requests):
        return
    waiting = [batch for batch in batches if not batch.status.is_terminal]
    decided = run.stragglers
    if decided is None:
        stood_still = standstill(waiting, utcnow())
        if stood_still < STANDSTILL:
            return
        decided = weigh_jobs(services, batches, stood_still)
        if not decided.online:
            return
        _note(services, run, decided)
    if decided.online and not decided.built:
        for batch in waiting:
            services.batches.modify(batch.batch_id, _given_over)


def _given_over(batch: OpenAIBatch) -> OpenAIBatch:
    if batch.status != BatchStatus.IN_PROGRESS or batch.cancel_requested_at or batch.given_over_at:
        return batch
    waits = "Azure OpenAI to cancel the job, whose last requests are then asked online"
    return batch.model_copy(update={"given_over_at": utcnow(), "waits_for": waits, "waits_since": utcnow()})


def not_started(services: Services, run_id: str) -> list[str]:
    """The batches of a run's online round whose lifecycle is still to be started."""
    run = services.runs.get(run_id)
    if run.stragglers is None or not run.stragglers.online:
        return []
    found = batches_of_run(services, run_id)
    return [each.batch_id for each in found if each.is_online and each.status == BatchStatus.CREATED]


def _decide(services: Services, run: Run, batches: Sequence[OpenAIBatch]) -> Stragglers | None:
    """Weigh what is left, and write down what it came to; None where nothing is left."""
    most = services.settings.straggler_max_requests
    found: list[RequestLines] = []
    for _, _, lines in _left(services, run, batches):
        found.append(lines)
        if sum(each.requests for each in found) > most:
            break
    if not found:
        return None
    return _note(services, run, weigh_lines(services, found))


def _note(services: Services, run: Run, stragglers: Stragglers) -> Stragglers:
    logging.info("run %s: %d stragglers: %s", run.run_id, stragglers.requests, stragglers.reason)
    after = services.runs.modify(
        run.run_id, lambda current: current.model_copy(update={"stragglers": stragglers})
    )
    return after.stragglers or stragglers


def _make(services: Services, run: Run, batches: Sequence[OpenAIBatch]) -> list[str]:
    """Make a batch for each category of what is left; those of a round that stopped half-way go on.

    A product is asked for all that it needs, which may be more than what was weighed of it: those that come
    last stay behind, and the limit holds.
    """
    room = services.settings.straggler_max_requests
    chosen: dict[str, list[str]] = defaultdict(list)
    for batch in (batch for batch in batches if batch.is_online):
        room -= batch.request_count
        if batch.status == BatchStatus.BUILDING:
            chosen[batch.category] = []
    for category, product_id, lines in _left(services, run, batches):
        if lines.requests <= room:
            room -= lines.requests
            chosen[category].append(product_id)
    made = []
    for category, product_ids in sorted(chosen.items()):
        batch_id = newest_first_id(run.created_at, f"{run.run_id}/{category}/{TransferMode.ONLINE}")
        batch = prepare_online(services, run, batch_id, category, product_ids)
        made += [batch_id] if batch.status == BatchStatus.CREATED else []
    return made


def _left(services: Services, run: Run, batches: Sequence[OpenAIBatch]) -> Iterator[_Left]:
    """The products of a run's batches that still have something to be asked for, and wait."""
    seen: set[str] = set()
    for batch in batches:
        # Whoever cancelled a batch does not want its products asked another way.
        at_azure = batch.job_status == "cancelled" and not batch.given_over_at
        if batch.cancel_requested_at or at_azure:
            continue
        if batch.is_online or not batch.product_count or not batch.counts.failed:
            continue
        estimator = RequestEstimator(services, batch.category, run.locales)
        ids = [product_id for product_id in _with_failures(services, batch) if product_id not in seen]
        seen.update(ids)
        for product_id, lines in zip(ids, map_ordered(estimator.lines, ids), strict=True):
            if lines is not None:
                yield batch.category, product_id, lines


def _with_failures(services: Services, batch: OpenAIBatch) -> Iterator[str]:
    """Ids of the batch's products of which a request came to anything but stored content.

    Of a batch that was given over, those of which a request never ran: so many were weighed, and what its
    answers are worth shows only now.
    """
    outcomes = batch_files.read_outcomes(services.blobs, batch.batch_id, batch.segments)
    done = {
        request.custom_id
        for request in outcomes
        if (request.outcome not in NEVER_RAN if batch.given_over_at else request.outcome == Outcome.STORED)
    }
    for sent in batch_files.read_manifest(services.blobs, batch.filename).values():
        if any(sent.custom_id(group) not in done for group in range(len(sent.groups))):
            yield sent.product_id
