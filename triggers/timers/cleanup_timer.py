"""The clean-up: what nobody needs any more goes, what got stuck waits again."""

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
    """Delete what is past its time, cancel batches that were never submitted, free stuck products."""
    services = await asyncio.to_thread(get_services)
    done = await asyncio.to_thread(clean_up, services)
    for batch_id in done.given_up:
        await wake_lifecycle(client, batch_id)
    said = (
        f"{done.blobs} blobs, {done.keys} idempotency keys and {done.deeds} deeds deleted, "
        f"{len(done.given_up)} batches given up, {done.freed} products freed"
    )
    logging.info("clean-up: %s", said)
    await asyncio.to_thread(services.audit_log.timer_ran, CLEANUP, said)
