"""Starting runs, batch lifecycles, imports and tasks: first the record, then its orchestration.

If the orchestration's start is lost after the record is written, the reconciler starts it later.
"""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import azure.durable_functions as df
import orjson

from shared.domain.clock import utcnow
from shared.domain.errors import InvalidRequest, KeyReused
from shared.domain.ids import newest_first_id
from shared.domain.run import Run
from shared.domain.task import TaskKind
from shared.services import Services
from shared.workflow.names import (
    BATCH_LIFECYCLE,
    CATALOGUE_IMPORT,
    CATEGORY_TASK,
    GENERATION_RUN,
    WAKE,
    import_instance,
    lifecycle_input,
    lifecycle_instance,
    run_instance,
    task_instance,
)
from shared.workflow.start import start_once
from triggers.choosing import chosen_brand, chosen_categories

# The limit of an Idempotency-Key's length. IETF draft-ietf-httpapi-idempotency-key-header sets none.
_MAX_KEY_LENGTH = 200


def new_id() -> str:
    """Return a new id. Later ids sort before earlier ones."""
    return newest_first_id(utcnow(), uuid.uuid4().hex)


@dataclass(frozen=True)
class Work:
    """The parameters of a run. `Run` explains the fields."""

    trigger: str
    submit: bool
    category_limit: int = 0
    categories: Sequence[str] = ()
    product_ids: Sequence[str] = ()
    brand: str | None = None
    locales: Sequence[str] = ()


def new_run(services: Services, work: Work) -> Run:
    """Return a new run, without storing it.

    Raises:
        NotFound: when a category or a product is unknown.
        InvalidRequest: when the brand is blank, or none of the named products is in a named category.
    """
    return Run(
        run_id=new_id(),
        category_limit=work.category_limit,
        categories=chosen_categories(services, work.categories, work.product_ids),
        product_ids=list(dict.fromkeys(work.product_ids)),
        brand=chosen_brand(work.brand),
        locales=list(work.locales),
        submit=work.submit,
        trigger=work.trigger,
        created_at=utcnow(),
    )


def create_run(services: Services, work: Work, key: str | None = None) -> Run:
    """Store a new run, or return the run that was created with the same `key` (an Idempotency-Key).

    Raises:
        NotFound: when a category or a product is unknown.
        InvalidRequest: when the key is empty or too long, or no named product is in a named category.
        KeyReused: when the key was used with other work before.
    """
    run = new_run(services, work)
    if key is not None:
        if not (0 < len(key) <= _MAX_KEY_LENGTH and key.isprintable()):
            raise InvalidRequest(f"An Idempotency-Key must have 1 to {_MAX_KEY_LENGTH} printable characters.")
        fingerprint = orjson.dumps(asdict(work)).decode()
        run_id, bound_to = services.runs.claim_key(key, fingerprint, run.run_id)
        if bound_to != fingerprint:
            raise KeyReused("This Idempotency-Key was used with other parameters before. Use a new one.")
        run = run.model_copy(update={"run_id": run_id})
    services.runs.create(run)
    return services.runs.get(run.run_id)


async def start_run(client: df.DurableOrchestrationClient, services: Services, run: Run) -> bool:
    """Start a run's orchestration unless it is running. Returns True when this call started it."""
    if run.status.is_terminal:
        return False
    payload: dict[str, Any] = {
        "run_id": run.run_id,
        "limit": run.category_limit,
        "submit": run.submit,
        "poll_seconds": services.settings.poll_initial_seconds,
    }
    return await start_once(client, GENERATION_RUN, run_instance(run.run_id), payload)


async def start_lifecycle(client: df.DurableOrchestrationClient, batch_id: str) -> bool:
    """Start a batch's lifecycle unless it is running. Returns True when this call started it."""
    return await start_once(client, BATCH_LIFECYCLE, lifecycle_instance(batch_id), lifecycle_input(batch_id))


async def start_import(client: df.DurableOrchestrationClient, import_id: str) -> bool:
    """Start an import's orchestration unless it is running. Returns True when this call started it."""
    return await start_once(client, CATALOGUE_IMPORT, import_instance(import_id), {"import_id": import_id})


async def start_task(client: df.DurableOrchestrationClient, kind: TaskKind, task_id: str) -> bool:
    """Start a task's orchestration unless it is running. Returns True when this call started it."""
    payload = {"kind": str(kind), "task_id": task_id}
    return await start_once(client, CATEGORY_TASK, task_instance(kind, task_id), payload)


async def wake_lifecycle(client: df.DurableOrchestrationClient, batch_id: str) -> None:
    """Make a batch's lifecycle check its job now: start it when it is not running, else wake it."""
    if not await start_lifecycle(client, batch_id):
        await client.raise_event(lifecycle_instance(batch_id), WAKE, {})
