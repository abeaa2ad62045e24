"""The reconciler timer: finds open work that has no running orchestration, and starts it again."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field

import azure.durable_functions as df
import azure.functions as func

from shared.batching import current_build
from shared.composition import get_services
from shared.domain.batch import OpenAIBatch
from shared.domain.states import BatchStatus, RunStatus
from shared.domain.wait_reason import WaitReason
from shared.monitoring.notifications import notify
from shared.monitoring.restart_limit import count_restart
from shared.monitoring.timer_schedules import RECONCILE
from shared.services import Services
from triggers.start_work import start_lifecycle, wake_lifecycle
from triggers.timers.restarts import kinds_of_work, restart

bp = df.Blueprint()

_AT_AZURE = (BatchStatus.SUBMITTING, BatchStatus.IN_PROGRESS, BatchStatus.INGESTING)
_RUN_ENDED = "Its run has failed. Its products wait again."


@dataclass
class _Round:
    """What one run of the timer did. One record that cannot be handled does not keep it from the others."""

    started: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    async def handle(self, record_id: str, starting: Awaitable[bool]) -> None:
        try:
            if await starting:
                self.started.append(record_id)
        except Exception:
            logging.exception("reconciler: %s could not be handled; the next run tries again", record_id)
            self.problems.append(record_id)


@bp.timer_trigger("timer", "%RECONCILE_SCHEDULE%")
@bp.durable_client_input(client_name="client")
async def reconcile(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:  # noqa: ARG001
    """Restart all open work that has no running orchestration, and cancel surplus jobs at Azure.

    Open records are found by their markers. Starting is always safe: the host refuses a start while the
    orchestration runs, and a restarted orchestration continues from the state in the tables. Work whose
    orchestration fails again and again ends as failed. All this needs no Azure OpenAI.
    """
    services = await asyncio.to_thread(get_services)
    done = _Round()
    for kind in kinds_of_work(services):
        for record_id in await asyncio.to_thread(kind.records.open_ids):
            await done.handle(record_id, restart(client, services, kind, record_id))
    for batch_id in await asyncio.to_thread(services.batches.open_ids):
        await done.handle(batch_id, _restart_batch(client, services, batch_id))
    if done.started:
        logging.warning("reconciler: started again %s", ", ".join(done.started))
    unreachable = await asyncio.to_thread(services.router.access.unreachable)
    await _wake_waiting(client, services, done, unreachable)
    surplus = await asyncio.to_thread(services.router.cancel_surplus, services.batches.find_readable)
    if surplus:
        logging.error("reconciler: cancelled surplus jobs %s", ", ".join(surplus))
    summary = f"{len(done.started)} started again, {len(surplus)} surplus jobs cancelled"
    if done.problems:
        summary += f", {len(done.problems)} could not be handled (see the log)"
    if unreachable:
        summary += ", Azure OpenAI cannot be used"
    await asyncio.to_thread(services.audit_log.timer_ran, RECONCILE, summary)


async def _restart_batch(client: df.DurableOrchestrationClient, services: Services, batch_id: str) -> bool:
    needed = await asyncio.to_thread(give_up_or_start, services, batch_id)
    if not needed or not await start_lifecycle(client, batch_id):
        return False
    await asyncio.to_thread(_count_restart, services, batch_id)
    return True


async def _wake_waiting(
    client: df.DurableOrchestrationClient, services: Services, done: _Round, unreachable: Mapping[str, str]
) -> None:
    """Let batches that wait for access try again, when their resource can be used."""
    for batch_id in await asyncio.to_thread(can_go_on, services, unreachable):
        await done.handle(batch_id, _wake(client, batch_id))


async def _wake(client: df.DurableOrchestrationClient, batch_id: str) -> bool:
    await wake_lifecycle(client, batch_id)
    return False


def _count_restart(services: Services, batch_id: str) -> None:
    batch = services.batches.modify(batch_id, count_restart)
    if batch.needs_attention:
        logging.error("batch %s needs a person: %s", batch_id, batch.needs_attention)
        notify(services.settings, "batch_needs_attention", batch.needs_attention, batch_id=batch_id)


def give_up_or_start(services: Services, batch_id: str) -> bool:
    """Give up a batch whose build nobody ends. Returns True when the batch's lifecycle should be running."""
    batch = services.batches.find_readable(batch_id)
    if batch is None:
        return False
    if _is_abandoned(services, batch):
        current_build.abandon(services, batch_id, _RUN_ENDED)
        return False
    return needs_lifecycle(services, batch)


def can_go_on(services: Services, unreachable: Mapping[str, str]) -> list[str]:
    """The batches that wait for access, and whose resource is not (any more) among the `unreachable` ones."""
    waiting = (
        services.batches.find_readable(batch_id)
        for batch_id, marker in services.batches.open_markers().items()
        if marker.get("wait_kind") == WaitReason.ACCESS
    )
    return [
        batch.batch_id
        for batch in waiting
        if batch and not batch.needs_attention and services.router.endpoint_of(batch) not in unreachable
    ]


def needs_lifecycle(services: Services, batch: OpenAIBatch) -> bool:
    """Return True when a batch's lifecycle should be running, as far as its record shows."""
    if batch.needs_attention:
        return False
    if batch.status in _AT_AZURE:
        return True
    if batch.status != BatchStatus.CREATED:
        return False
    if batch.cancel_requested_at:
        return True
    # The run submits its batches and has finished starting them, so the start of this one was lost.
    run = services.runs.find_readable(batch.run_id)
    return run is not None and run.submit and run.status in (RunStatus.RUNNING, RunStatus.FAILED)


def _is_abandoned(services: Services, batch: OpenAIBatch) -> bool:
    """Whether no worker will finish building the batch, because its run has ended."""
    if batch.status != BatchStatus.BUILDING:
        return False
    run = services.runs.find_readable(batch.run_id)
    return run is not None and run.status.is_terminal
