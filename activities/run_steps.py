"""The steps of a run around its batches: enter, list categories, start lifecycles, leave, check."""

import asyncio
import logging
from typing import Any

import azure.durable_functions as df

from shared.batching import current_build
from shared.batching.preparation_lock import LOCK_DURATION
from shared.batching.run_batches import batches_of_run
from shared.composition import get_services
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.outcome import Outcome, OutcomeCounts
from shared.domain.run import NIGHTLY, Run
from shared.domain.states import BatchStatus, RunStatus
from shared.monitoring.notifications import notify
from shared.online_fallback import online_round
from shared.services import Services
from shared.workflow.names import BATCH_LIFECYCLE, lifecycle_input, lifecycle_instance
from shared.workflow.start import start_once

bp = df.Blueprint()

# Categories handed to the orchestration at a time: the window of its fan-out, and a short message.
PAGE = 50
_GIVEN_UP = "Building the file failed; the run's record says why. Its products wait again."


@bp.activity_trigger(input_name="payload")
def enter_run(payload: str) -> bool:
    """Input: run id. Output: whether the run may prepare now (False: another one is preparing)."""
    return enter(get_services(), payload)


def enter(services: Services, run_id: str) -> bool:
    """Take the lock on preparing; claims keep products safe, the lock keeps runs out of each other's way."""
    if not services.runs.lock(run_id, LOCK_DURATION):
        return False
    services.runs.modify(
        run_id,
        lambda run: (
            run.model_copy(update={"status": RunStatus.PREPARING}) if run.status == RunStatus.QUEUED else run
        ),
    )
    return True


@bp.activity_trigger(input_name="payload")
def list_categories(payload: dict) -> list:  # type: ignore[type-arg]
    """Input: run_id, after. Output: the next category slugs to prepare, at most `PAGE`."""
    return categories(get_services(), **payload)


def categories(services: Services, run_id: str, after: str) -> list[str]:
    """The run's categories behind `after`, in order; all known ones where the run names none."""
    # Listing needs no lock, and `prepare` checks it: this only keeps it from expiring between two pages.
    services.runs.lock(run_id, LOCK_DURATION)
    return services.summaries.slugs(after, PAGE, services.runs.get(run_id).categories)


@bp.activity_trigger(input_name="payload")
@bp.durable_client_input(client_name="client")
async def start_lifecycle(payload: str, client: df.DurableOrchestrationClient) -> None:
    """Input: batch id. Starts the batch's own orchestration, detached from the run."""
    await start_once(client, BATCH_LIFECYCLE, lifecycle_instance(payload), lifecycle_input(payload))


@bp.activity_trigger(input_name="payload")
def leave_preparation(payload: dict) -> None:  # type: ignore[type-arg]
    """Input: run_id, problems (texts). The run's batches are prepared; the next run may prepare its own."""
    leave(get_services(), **payload)


def leave(services: Services, run_id: str, problems: list[str]) -> None:
    """End preparing. A batch whose building failed for good is given up, and its products wait again."""
    for batch in batches_of_run(services, run_id):
        if batch.status == BatchStatus.BUILDING:
            current_build.give_up(services, batch.batch_id, _GIVEN_UP)
    services.runs.modify(
        run_id,
        lambda run: (
            run
            if run.status.is_terminal
            else run.model_copy(
                update={"status": RunStatus.RUNNING, "error_message": "; ".join(problems)[:1000] or None}
            )
        ),
    )
    services.runs.unlock(run_id)


@bp.activity_trigger(input_name="payload")
@bp.durable_client_input(client_name="client")
async def check_run(payload: str, client: df.DurableOrchestrationClient) -> bool:
    """Input: run id. Output: whether the run has ended."""
    services = await asyncio.to_thread(get_services)
    ended = await asyncio.to_thread(check, services, payload)
    for batch_id in await asyncio.to_thread(online_round.not_started, services, payload):
        await start_once(client, BATCH_LIFECYCLE, lifecycle_instance(batch_id), lifecycle_input(batch_id))
    return ended


def check(services: Services, run_id: str) -> bool:
    """Bring the run's figures up to date from its batches; it ends when none of them has work left.

    Little that is left, by jobs that stand still or when all have ended, may be asked online in a last round.
    """
    run, found = services.runs.get(run_id), batches_of_run(services, run_id)
    # Batches are prepared by now: one that is still being built is of an online round that stopped half-way.
    have_ended = all(batch.status == BatchStatus.BUILDING for batch in _open(run, found))
    if run.status == RunStatus.RUNNING and not have_ended:
        online_round.give_jobs_over(services, run, found)
    elif run.status == RunStatus.RUNNING and online_round.begin_online_round(services, run, found):
        found = batches_of_run(services, run_id)

    def change(run: Run) -> Run:
        if run.status.is_terminal:
            return run
        return run.model_copy(update=_figures(run, found))

    after = services.runs.modify(run_id, change)
    if after.status.is_terminal:
        _tell(services, after)
        logging.info("run %s ended: %s, %d batches", run_id, after.status, after.batch_count)
    return after.status.is_terminal


def _tell(services: Services, run: Run) -> None:
    """Tell of a nightly run that failed or met a cap. Nobody watches at night."""
    if run.trigger != NIGHTLY or run.status == RunStatus.COMPLETED or run.notified:
        return
    message = run.error_message or run.capped or "Some of its batches failed; their records say why."
    if notify(services.settings, f"nightly_run_{run.status}", message, run_id=run.run_id):
        services.runs.modify(run.run_id, lambda current: current.model_copy(update={"notified": True}))


def _open(run: Run, batches: list[OpenAIBatch]) -> list[OpenAIBatch]:
    # A run that was not to submit ends with its batches created.
    at_rest = {BatchStatus.CREATED} if not run.submit else set()
    return [batch for batch in batches if not batch.status.is_terminal and batch.status not in at_rest]


def _figures(run: Run, batches: list[OpenAIBatch]) -> dict[str, Any]:
    open_batches = _open(run, batches)
    figures: dict[str, Any] = {
        "batch_count": sum(1 for batch in batches if batch.product_count),
        "batches_open": len(open_batches),
        # The products of an online round are those of the batches before it.
        "product_count": sum(batch.product_count for batch in batches if not batch.is_online),
        "request_count": sum(batch.request_count for batch in batches),
        "requests_done": sum(batch.requests_done for batch in batches),
        "counts": _sum(batches),
        "prompt_tokens": sum(batch.prompt_tokens for batch in batches),
        "completion_tokens": sum(batch.completion_tokens for batch in batches),
        "cost": round(sum(batch.cost for batch in batches), 6),
    }
    if run.status == RunStatus.RUNNING and not open_batches:
        failed = any(batch.status == BatchStatus.FAILED for batch in batches) or run.error_message
        ended = RunStatus.CAPPED if run.capped else RunStatus.COMPLETED
        figures["status"] = RunStatus.FAILED if failed else ended
        figures["completed_at"] = utcnow()
    return figures


def _sum(batches: list[OpenAIBatch]) -> OutcomeCounts:
    by_outcome: dict[Outcome, int] = {}
    for batch in batches:
        for outcome, count in batch.counts.by_outcome.items():
            by_outcome[outcome] = by_outcome.get(outcome, 0) + count
    return OutcomeCounts(
        by_outcome=by_outcome,
        locales=sum(batch.counts.locales for batch in batches),
        doubled=sum(batch.counts.doubled for batch in batches),
        unknown=sum(batch.counts.unknown for batch in batches),
    )
