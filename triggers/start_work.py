"""Starting runs, lifecycles and tasks: the record first, then the orchestration that drives it.

A start that is lost after the record is written is made up for by the reconciler.
"""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import azure.durable_functions as df
import orjson

from shared.domain.clock import utcnow
from shared.domain.errors import InvalidRequest, KeyReused, NotFound
from shared.domain.ids import category_slug, is_safe_id, newest_first_id, slugify
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

# What an Idempotency-Key may look like (IETF draft-ietf-httpapi-idempotency-key-header leaves it open).
_LONGEST_KEY = 200
_KNOWN_SHOWN = 100


def new_id() -> str:
    """A fresh id that sorts newest first."""
    return newest_first_id(utcnow(), uuid.uuid4().hex)


@dataclass(frozen=True)
class Work:
    """What a run is asked to do; see `Run` for the fields."""

    trigger: str
    submit: bool
    category_limit: int = 0
    categories: Sequence[str] = ()
    product_ids: Sequence[str] = ()
    brand: str | None = None
    locales: Sequence[str] = ()


def known_categories(services: Services, names: Sequence[str]) -> list[str]:
    """The slugs of category names, sorted.

    Raises:
        NotFound: naming those that are not known.
    """
    slugs = sorted({category_slug(name) for name in names})
    known = {summary.category for summary in services.summaries.all()} if slugs else set()
    unknown = [slug for slug in slugs if slug not in known]
    if unknown:
        raise NotFound(f"There is no category {', '.join(unknown)}.", known=sorted(known)[:_KNOWN_SHOWN])
    return slugs


def categories_of(services: Services, product_ids: Sequence[str]) -> list[str]:
    """The slugs of the categories that products live in, sorted.

    Raises:
        NotFound: naming the products that are not known.
    """
    claims = {pid: services.contents.claim(pid) if is_safe_id(pid) else None for pid in product_ids}
    unknown = [product_id for product_id, claim in claims.items() if claim is None]
    if unknown:
        raise NotFound(f"There is no product {', '.join(unknown[:_KNOWN_SHOWN])}.")
    return sorted({claim.category for claim in claims.values() if claim is not None})


def chosen_categories(services: Services, names: Sequence[str], product_ids: Sequence[str]) -> list[str]:
    """The slugs of categories that are named, or that named products live in; sorted. Empty: all of them.

    Raises:
        NotFound: naming categories or products that are not known.
        InvalidRequest: when products are named and none of them lives in a category that is named.
    """
    categories = known_categories(services, names)
    if not product_ids:
        return categories
    living = categories_of(services, product_ids)
    both = [slug for slug in living if slug in categories] if categories else living
    if not both:
        raise InvalidRequest(
            f"No product that was named is in {', '.join(categories)}: they are in {', '.join(living)}. "
            "Name those categories, or leave the categories out."
        )
    return both


def new_run(services: Services, work: Work) -> Run:
    """A run as it would be stored.

    Raises:
        NotFound: when a category or a product is not known.
    """
    return Run(
        run_id=new_id(),
        category_limit=work.category_limit,
        categories=chosen_categories(services, work.categories, work.product_ids),
        product_ids=list(dict.fromkeys(work.product_ids)),
        brand=slugify(work.brand) if work.brand else None,
        locales=list(work.locales),
        submit=work.submit,
        trigger=work.trigger,
        created_at=utcnow(),
    )


def create_run(services: Services, work: Work, key: str | None = None) -> Run:
    """Store a new run, or find the one that was made of the same `key` (an Idempotency-Key).

    Raises:
        NotFound: when a category or a product is not known.
        InvalidRequest: when the key is too long.
        KeyReused: when the key came with other work before.
    """
    run = new_run(services, work)
    if key is not None:
        if not 0 < len(key) <= _LONGEST_KEY:
            raise InvalidRequest(f"An Idempotency-Key has 1 to {_LONGEST_KEY} characters.")
        fingerprint = orjson.dumps(asdict(work)).decode()
        run_id, bound_to = services.runs.claim_key(key, fingerprint, run.run_id)
        if bound_to != fingerprint:
            raise KeyReused("This Idempotency-Key came with other parameters before; use a new one.")
        run = run.model_copy(update={"run_id": run_id})
    services.runs.create(run)
    return services.runs.get(run.run_id)


async def start_run(client: df.DurableOrchestrationClient, services: Services, run: Run) -> bool:
    """Start the orchestration of a run, unless it is running; the answer says whether this call did."""
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
    """Start the orchestration of a batch, unless it is running; the answer says whether this call did."""
    return await start_once(client, BATCH_LIFECYCLE, lifecycle_instance(batch_id), lifecycle_input(batch_id))


async def start_import(client: df.DurableOrchestrationClient, import_id: str) -> bool:
    """Start the orchestration of an import, unless it is running; the answer says whether this call did."""
    return await start_once(client, CATALOGUE_IMPORT, import_instance(import_id), {"import_id": import_id})


async def start_task(client: df.DurableOrchestrationClient, kind: TaskKind, task_id: str) -> bool:
    """Start the orchestration of a task, unless it is running; the answer says whether this call did."""
    payload = {"kind": str(kind), "task_id": task_id}
    return await start_once(client, CATEGORY_TASK, task_instance(kind, task_id), payload)


async def wake_lifecycle(client: df.DurableOrchestrationClient, batch_id: str) -> None:
    """Make a batch's lifecycle look now: start it where it is not running, wake it where it waits."""
    if not await start_lifecycle(client, batch_id):
        await client.raise_event(lifecycle_instance(batch_id), WAKE, {})
