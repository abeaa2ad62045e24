"""The reconciler timer: finds open work that has no running orchestration, and starts it again."""

import asyncio
import logging

import azure.durable_functions as df
import azure.functions as func

from shared.composition import get_services
from shared.domain.batch import OpenAIBatch
from shared.domain.states import BatchStatus, RunStatus
from shared.domain.task import TaskKind
from shared.monitoring.notifications import notify
from shared.monitoring.restart_limit import count_restart
from shared.monitoring.timer_schedules import RECONCILE
from shared.services import Services
from triggers.start_work import start_import, start_lifecycle, start_run, start_task

bp = df.Blueprint()

_AT_AZURE = (BatchStatus.SUBMITTING, BatchStatus.IN_PROGRESS, BatchStatus.INGESTING)


@bp.timer_trigger("timer", "%RECONCILE_SCHEDULE%")
@bp.durable_client_input(client_name="client")
async def reconcile(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:  # noqa: ARG001
    """Restart all open work that has no running orchestration, and cancel surplus jobs at Azure.

    Open records are found by their markers. Starting is always safe: the host refuses a start while the
    orchestration runs, and a restarted orchestration continues from the state in the tables.
    """
    services = await asyncio.to_thread(get_services)
    started = [
        import_id
        for import_id in await asyncio.to_thread(services.imports.open_ids)
        if await start_import(client, import_id)
    ]
    tasks = ((TaskKind.REQUEUEING, services.requeueings), (TaskKind.EXPORT, services.exports))
    for kind, records in tasks:
        open_ids = await asyncio.to_thread(records.open_ids)
        started += [task_id for task_id in open_ids if await start_task(client, kind, task_id)]
    for run_id in await asyncio.to_thread(services.runs.open_ids):
        run = await asyncio.to_thread(services.runs.find_readable, run_id)
        if run is not None and await start_run(client, services, run):
            started.append(run_id)
    for batch_id in await asyncio.to_thread(services.batches.open_ids):
        batch = await asyncio.to_thread(services.batches.find_readable, batch_id)
        if (
            batch is not None
            and await asyncio.to_thread(needs_lifecycle, services, batch)
            and await start_lifecycle(client, batch_id)
        ):
            await asyncio.to_thread(_count_restart, services, batch_id)
            started.append(batch_id)
    if started:
        logging.warning("reconciler: started again %s", ", ".join(started))
    surplus = await asyncio.to_thread(services.router.cancel_surplus, services.batches.find_readable)
    if surplus:
        logging.error("reconciler: cancelled surplus jobs %s", ", ".join(surplus))
    summary = f"{len(started)} started again, {len(surplus)} surplus jobs cancelled"
    await asyncio.to_thread(services.audit_log.timer_ran, RECONCILE, summary)


def _count_restart(services: Services, batch_id: str) -> None:
    batch = services.batches.modify(batch_id, count_restart)
    if batch.needs_attention:
        logging.error("batch %s needs a person: %s", batch_id, batch.needs_attention)
        notify(services.settings, "batch_needs_attention", batch.needs_attention, batch_id=batch_id)


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
    return run is not None and run.submit and run.status == RunStatus.RUNNING
