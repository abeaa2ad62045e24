"""The nightly run: whatever is due, in every category."""

import asyncio
import logging

import azure.durable_functions as df
import azure.functions as func

from shared.composition import get_services
from shared.domain.clock import utcnow
from shared.domain.run import NIGHTLY
from shared.domain.states import ProductStatus, RunStatus
from shared.monitoring.notifications import notify
from shared.persistence.category_summaries import CategorySummary
from shared.services import Services
from triggers.start_work import Work, create_run, start_run

bp = df.Blueprint()

_PREPARES = (RunStatus.QUEUED, RunStatus.PREPARING)


@bp.timer_trigger("timer", "%NIGHTLY_SCHEDULE%")
@bp.durable_client_input(client_name="client")
async def nightly(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:  # noqa: ARG001
    """Start a run, unless nothing is due or last night's is still choosing its products.

    A timer that fires twice in a minute starts one run.
    """
    services = await asyncio.to_thread(get_services)
    unfinished = await asyncio.to_thread(_unfinished, services)
    if unfinished:
        message = f"Run {unfinished} of an earlier night is still being prepared; no other was started."
        logging.warning("nightly run skipped: %s", message)
        said = f"skipped: {message}"
        await asyncio.to_thread(notify, services.settings, "nightly_run_skipped", message, run_id=unfinished)
    elif not await asyncio.to_thread(_has_work, services):
        said = "no product is pending, nothing was started"
        logging.info("nightly run: %s", said)
    else:
        work = Work(NIGHTLY, True, services.settings.nightly_category_limit)
        key = f"{NIGHTLY}/{utcnow():%Y-%m-%dT%H:%M}"
        run = await asyncio.to_thread(create_run, services, work, key)
        await start_run(client, services, run)
        said = f"run {run.run_id} started"
        logging.info("nightly %s", said)
        await asyncio.to_thread(services.audit_log.record, NIGHTLY, "run_pipeline", run.run_id)
    await asyncio.to_thread(services.audit_log.timer_ran, NIGHTLY, said)


def _unfinished(services: Services) -> str | None:
    """An earlier nightly run that is not done submitting. Batches that wait at Azure are no reason."""
    for run_id in services.runs.open_ids():
        run = services.runs.find_readable(run_id)
        if run is not None and run.trigger == NIGHTLY and run.status in _PREPARES:
            return run_id
    return None


def _has_work(services: Services) -> bool:
    configured = set(services.settings.locales)

    def has_work(summary: CategorySummary) -> bool:
        new_locale = bool(summary.by_status) and not configured <= set(summary.locales)
        return new_locale or bool(summary.by_status.get(ProductStatus.PENDING))

    return any(map(has_work, services.summaries.all()))
