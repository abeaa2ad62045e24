"""The activities of a run around its batches: enter, list categories, start lifecycles, leave, check."""

import asyncio

import azure.durable_functions as df

from shared.batching import run_preparation
from shared.batching.run_batches import batches_of_run
from shared.composition import get_services
from shared.monitoring.run_figures import update_run
from shared.online_fallback import online_round
from shared.services import Services
from shared.workflow.names import BATCH_LIFECYCLE, lifecycle_input, lifecycle_instance
from shared.workflow.start import start_once

bp = df.Blueprint()


@bp.activity_trigger(input_name="payload")
def enter_run(payload: str) -> bool:
    """Input: run id. Output: whether the run may prepare now (False: another run is preparing)."""
    return run_preparation.enter(get_services(), payload)


@bp.activity_trigger(input_name="payload")
def list_categories(payload: dict) -> list:  # type: ignore[type-arg]
    """Input: run_id, after (a slug). Output: the next page of category slugs to prepare."""
    return run_preparation.categories(get_services(), **payload)


@bp.activity_trigger(input_name="payload")
@bp.durable_client_input(client_name="client")
async def start_lifecycle(payload: str, client: df.DurableOrchestrationClient) -> None:
    """Input: batch id. Starts the batch's own orchestration, detached from the run."""
    await start_once(client, BATCH_LIFECYCLE, lifecycle_instance(payload), lifecycle_input(payload))


@bp.activity_trigger(input_name="payload")
def leave_preparation(payload: dict) -> None:  # type: ignore[type-arg]
    """Input: run_id, problems (texts). Ends preparing, so that the next run may prepare."""
    run_preparation.leave(get_services(), **payload)


@bp.activity_trigger(input_name="payload")
@bp.durable_client_input(client_name="client")
async def check_run(payload: str, client: df.DurableOrchestrationClient) -> bool:
    """Input: run id. Output: whether the run has ended."""
    services = await asyncio.to_thread(get_services)
    ended = await asyncio.to_thread(check, services, payload)
    for batch_id in await asyncio.to_thread(online_round.batches_to_start, services, payload):
        await start_once(client, BATCH_LIFECYCLE, lifecycle_instance(batch_id), lifecycle_input(batch_id))
    return ended


def check(services: Services, run_id: str) -> bool:
    """Update a run from its batches. Returns whether it has ended, which is when no batch is open.

    The few requests that its jobs leave, or do not answer for long, may be asked online in a last round.
    """
    run, batches = services.runs.get(run_id), batches_of_run(services, run_id)
    if online_round.advance(services, run, batches):
        batches = batches_of_run(services, run_id)
    return update_run(services, run_id, batches).status.is_terminal
