"""The reconciler: finds work whose orchestration is gone, and starts it again."""

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
    """Start again what is open in the tables and has no running orchestration; cancel jobs of nobody.

    Open records are found by their markers. A start is refused where the orchestration runs, and an
    orchestration that begins anew finds its place in the tables, so starting is all there is to do.
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
            and await asyncio.to_thread(_needs_lifecycle, services, batch)
            and await start_lifecycle(client, batch_id)
        ):
            await asyncio.to_thread(_note_restart, services, batch_id)
            started.append(batch_id)
    if started:
        logging.warning("reconciler: started again %s", ", ".join(started))
    surplus = await asyncio.to_thread(services.router.cancel_surplus, services.batches.find_readable)
    if surplus:
        logging.error("reconciler: cancelled surplus jobs %s", ", ".join(surplus))
    said = f"{len(started)} started again, {len(surplus)} surplus jobs cancelled"
    await asyncio.to_thread(services.audit_log.timer_ran, RECONCILE, said)


def _note_restart(services: Services, batch_id: str) -> None:
    batch = services.batches.modify(batch_id, count_restart)
    if batch.needs_attention:
        logging.error("batch %s needs attention: %s", batch_id, batch.needs_attention)
        notify(services.settings, "batch_needs_attention", batch.needs_attention, batch_id=batch_id)


def _needs_lifecycle(services: Services, batch: OpenAIBatch) -> bool:
    if batch.needs_attention:
        return False
    if batch.status in _AT_AZURE:
        return True
    if batch.status != BatchStatus.CREATED:
        return False
    if batch.cancel_requested_at:
        return True
    # Created for a run that submits, and the run is past submitting: the start was lost.
    run = services.runs.find_readable(batch.run_id)
    return run is not None and run.submit and run.status == RunStatus.RUNNING
