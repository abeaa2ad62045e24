"""The clean-up timer: deletes what is past its retention time and frees what is stuck."""

import asyncio
import logging

import azure.durable_functions as df
import azure.functions as func

from shared.composition import get_services
from shared.monitoring.cleanup import clean_up
from shared.monitoring.timer_schedules import CLEANUP
from triggers.start_work import wake_lifecycle

bp = df.Blueprint()


@bp.timer_trigger("timer", "%CLEANUP_SCHEDULE%")
@bp.durable_client_input(client_name="client")
async def cleanup(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:  # noqa: ARG001
    """Delete old data, cancel batches that were never submitted, and make stuck products pending again."""
    services = await asyncio.to_thread(get_services)
    result = await asyncio.to_thread(clean_up, services)
    for batch_id in result.given_up:
        await wake_lifecycle(client, batch_id)
    summary = (
        f"{result.blobs} blobs, {result.keys} idempotency keys and "
        f"{result.audit_entries} audit entries deleted, "
        f"{len(result.given_up)} batches given up, {result.freed} products freed"
    )
    logging.info("clean-up: %s", summary)
    await asyncio.to_thread(services.audit_log.timer_ran, CLEANUP, summary)
