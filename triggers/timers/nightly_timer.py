"""The nightly timer: starts a run over everything that is due, in every category."""

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

_PREPARING = (RunStatus.QUEUED, RunStatus.PREPARING)


@bp.timer_trigger("timer", "%NIGHTLY_SCHEDULE%")
@bp.durable_client_input(client_name="client")
async def nightly(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:  # noqa: ARG001
    """Start a run, unless nothing is due or an earlier nightly run is still being prepared.

    A timer that fires twice within a minute starts only one run. The second one continues the first one.
    """
    services = await asyncio.to_thread(get_services)
    key = f"{NIGHTLY}/{utcnow():%Y-%m-%dT%H:%M}"
    unprepared = await asyncio.to_thread(_run_in_preparation, services)
    # Read after the runs: a run that this timer's other call has just created has its key already.
    tonight = await asyncio.to_thread(services.runs.run_of_key, key)
    if unprepared and unprepared != tonight:
        message = f"Run {unprepared} of an earlier night is still being prepared; no new run was started."
        logging.warning("nightly run skipped: %s", message)
        summary = f"skipped: {message}"
        await asyncio.to_thread(notify, services.settings, "nightly_run_skipped", message, run_id=unprepared)
    elif not tonight and not await asyncio.to_thread(_has_work, services):
        summary = "no product is pending, nothing was started"
        logging.info("nightly run: %s", summary)
    else:
        work = Work(NIGHTLY, True, services.settings.nightly_category_limit)
        run = await asyncio.to_thread(create_run, services, work, key)
        await start_run(client, services, run)
        summary = f"run {run.run_id} started"
        logging.info("nightly %s", summary)
        await asyncio.to_thread(services.audit_log.record, NIGHTLY, "run_pipeline", run.run_id)
    await asyncio.to_thread(services.audit_log.timer_ran, NIGHTLY, summary)


def _run_in_preparation(services: Services) -> str | None:
    """Return the id of a nightly run that is still being prepared. Waiting for Azure is not preparing."""
    for run_id in services.runs.open_ids():
        run = services.runs.find_readable(run_id)
        if run is not None and run.trigger == NIGHTLY and run.status in _PREPARING:
            return run_id
    return None


def _has_work(services: Services) -> bool:
    configured = set(services.settings.locales)

    def has_work(summary: CategorySummary) -> bool:
        new_locale = bool(summary.by_status) and not configured <= set(summary.locales)
        return new_locale or bool(summary.by_status.get(ProductStatus.PENDING))

    return any(map(has_work, services.summaries.all()))
