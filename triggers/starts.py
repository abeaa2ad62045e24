"""Starting runs and lifecycles: the record first, then the orchestration that drives it.

A start that is lost after the record is written is made up for by the reconciler.
"""

import uuid
from typing import Any

import azure.durable_functions as df

from shared.clock import utcnow
from shared.errors import NotFound
from shared.function_names import (
    BATCH_LIFECYCLE,
    CATALOGUE_IMPORT,
    GENERATION_RUN,
    WAKE,
    import_instance,
    lifecycle_instance,
    run_instance,
)
from shared.models.ids import category_slug, newest_first_id
from shared.models.run import Run
from shared.services import Services
from shared.starting import start_once


def new_id() -> str:
    """A fresh id that sorts newest first."""
    return newest_first_id(utcnow(), uuid.uuid4().hex)


def create_run(
    services: Services, category_limit: int, categories: list[str], submit: bool, trigger: str
) -> Run:
    """Store a new run.

    Raises:
        NotFound: when a category is not known.
    """
    slugs = sorted({category_slug(category) for category in categories})
    known = {summary.category for summary in services.summaries.all()} if slugs else set()
    unknown = [slug for slug in slugs if slug not in known]
    if unknown:
        raise NotFound(f"There is no category {', '.join(unknown)}.", known=sorted(known)[:100])
    run = Run(
        run_id=new_id(),
        category_limit=category_limit,
        categories=slugs,
        submit=submit,
        trigger=trigger,
        created_at=utcnow(),
    )
    services.runs.create(run)
    return run


async def start_run(client: df.DurableOrchestrationClient, services: Services, run: Run) -> bool:
    """Start the orchestration of a run, unless it is running; the answer says whether this call did."""
    payload: dict[str, Any] = {
        "run_id": run.run_id,
        "limit": run.category_limit,
        "submit": run.submit,
        "poll_seconds": services.settings.poll_initial_seconds,
    }
    return await start_once(client, GENERATION_RUN, run_instance(run.run_id), payload)


async def start_lifecycle(client: df.DurableOrchestrationClient, batch_id: str) -> bool:
    """Start the orchestration of a batch, unless it is running; the answer says whether this call did."""
    return await start_once(client, BATCH_LIFECYCLE, lifecycle_instance(batch_id), {"batch_id": batch_id})


async def start_import(client: df.DurableOrchestrationClient, import_id: str) -> bool:
    """Start the orchestration of an import, unless it is running; the answer says whether this call did."""
    return await start_once(client, CATALOGUE_IMPORT, import_instance(import_id), {"import_id": import_id})


async def wake_lifecycle(client: df.DurableOrchestrationClient, batch_id: str) -> None:
    """Make a batch's lifecycle look now: start it where it is not running, wake it where it waits."""
    if not await start_lifecycle(client, batch_id):
        await client.raise_event(lifecycle_instance(batch_id), WAKE, {})
