"""Preparing a batch: select due products of a category, claim them, and build the files to submit."""

import logging
from collections.abc import Callable, Sequence
from typing import NotRequired, TypedDict

from shared.batching import current_build
from shared.batching.input_file import InputFileBuilder
from shared.batching.preparation_lock import PreparationLock, PreparationLockLost
from shared.batching.requeue import queue_new_locales
from shared.batching.selection import select
from shared.content.locales import LOCALES
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.ids import newest_first_id
from shared.domain.run import Run
from shared.domain.states import BatchStatus
from shared.persistence import batch_files
from shared.services import Services

# Queue markers are hints: some of their products cannot be claimed, so a few more are selected than needed.
_SLACK = 20


class Prepared(TypedDict):
    """The result of preparing a batch.

    `batch_id` is None when nothing was due. `more` is True when the category has more products for this run.
    `lock_lost` is there, and True, when another run prepares: wait for the lock, then prepare again.
    """

    batch_id: str | None
    products: int
    more: bool
    lock_lost: NotRequired[bool]


def prepare(services: Services, run_id: str, category: str, sequence: int, limit: int) -> Prepared:
    """Make the run's batch number `sequence` of a category, with up to `limit` products (0 = no limit).

    Calling it again continues where it stopped. The order of the writes makes that safe: batch record,
    selection, claims, product rows, input file, manifest, and only then the state `created`.

    A run that has lost the lock on preparing stops here. A batch that it has begun keeps its record, its
    selection and its claims, so no other run takes its products, and the next call builds it to the end.

    Raises:
        NotFound: when there is no such run.
        BuildLost: when another worker builds the batch.
    """
    run = services.runs.get(run_id)
    lock = PreparationLock(services.runs, run_id)
    try:
        lock.renew()
        return _prepare(services, run, category, sequence, limit, lock)
    except PreparationLockLost as lost:
        logging.warning("%s Category %s waits until that run has prepared its batches.", lost, category)
        return Prepared(batch_id=None, products=0, more=False, lock_lost=True)


def _prepare(
    services: Services, run: Run, category: str, sequence: int, limit: int, lock: PreparationLock
) -> Prepared:
    if sequence == 0:
        queue_new_locales(services, category)
        lock.renew_when_due()
    batch_id = newest_first_id(run.created_at, f"{run.run_id}/{category}/{sequence}")
    batch = services.batches.find(batch_id)
    if batch is None:
        if not select(services, run, category, 1):
            return Prepared(batch_id=None, products=0, more=False)
        batch = _create(services, run, batch_id, category)
    most = _most_products(services, limit)
    if batch.status == BatchStatus.BUILDING:
        batch = _build(services, run, batch_id, most, lock.renew_when_due)
    wanted = limit == 0 or batch.product_count < limit
    more = batch.product_count > 0 and wanted and bool(select(services, run, category, 1))
    return Prepared(
        batch_id=batch_id if batch.product_count else None, products=batch.product_count, more=more
    )


def prepare_online(
    services: Services, run: Run, batch_id: str, category: str, product_ids: Sequence[str]
) -> OpenAIBatch:
    """Make a batch of exactly these products, whose requests are sent as online calls. Returns its record.

    Calling it again continues where it stopped, with the products of the first call.

    Raises:
        BuildLost: when another worker builds the batch.
    """
    batch = services.batches.find(batch_id)
    if batch is None:
        batch = _create(services, run, batch_id, category, is_online=True)
    if batch.status != BatchStatus.BUILDING:
        return batch
    if batch_files.read_selection(services.blobs, batch_id) is None:
        batch_files.write_selection(services.blobs, batch_id, product_ids)
    # The run has left preparing and holds no lock. The claims keep other runs from these products.
    return _build(services, run, batch_id, _most_products(services, 0), lambda: None)


def _build(
    services: Services, run: Run, batch_id: str, most: int, before_claiming: Callable[[], None]
) -> OpenAIBatch:
    """Build the files of a batch, or end it when there is nothing to send. Returns its record."""
    try:
        batch = _build_file(services, run, batch_id, most, before_claiming)
    except current_build.BuildLost:
        current_build.release_late_claims(services, batch_id)
        raise
    services.summaries.recompute(batch.category)
    return batch


def _build_file(
    services: Services, run: Run, batch_id: str, most: int, before_claiming: Callable[[], None]
) -> OpenAIBatch:
    batch = current_build.begin(services, batch_id)
    if batch.error_message:
        return current_build.cancel_without_file(services, batch, batch.error_message)
    selection = batch_files.read_selection(services.blobs, batch_id)
    if selection is None:
        selection = select(services, run, batch.category, most + _SLACK)
        batch_files.write_selection(services.blobs, batch_id, selection)
    builder = InputFileBuilder(services, batch, selection, most, before_claiming)
    builder.build()
    return _finish_build(services, batch, builder)


def _create(
    services: Services, run: Run, batch_id: str, category: str, is_online: bool = False
) -> OpenAIBatch:
    services.runs.add_batch(run.run_id, batch_id)
    batch = OpenAIBatch(
        batch_id=batch_id,
        filename=batch_files.input_name(batch_id, "none"),
        created_at=utcnow(),
        run_id=run.run_id,
        category=category,
        locales=[locale for locale in services.settings.locales if locale in (run.locales or LOCALES)],
    )
    services.batches.create(batch.as_online() if is_online else batch)
    return services.batches.get(batch_id)


def _most_products(services: Services, limit: int) -> int:
    """`limit` (0 = no limit), or the number of products that fit into a file when each needs every locale."""
    fits = max(1, services.settings.max_requests_per_file // len(services.settings.locale_groups))
    return min(limit or fits, fits)


def _finish_build(services: Services, batch: OpenAIBatch, builder: InputFileBuilder) -> OpenAIBatch:
    """Reserve the file's worst-case cost and set the batch to `created`, or end it. Returns its record."""
    totals = builder.totals
    capped = None
    if totals.products:
        capped = services.budget.reserve_cost(batch, totals.cost)
    elif builder.cost_cap_reached:
        capped = "the money that is left under MAX_RUN_COST or MAX_MONTH_COST buys no further product"
    if capped or builder.cost_cap_reached:
        _store_cap(services, batch, capped or "MAX_RUN_COST or MAX_MONTH_COST is reached")
    if capped or not totals.products:
        reason = capped or "Nothing was left to claim when the file was built."
        return current_build.cancel_without_file(services, batch, reason)
    created = {
        "status": BatchStatus.CREATED,
        "product_count": totals.products,
        "request_count": totals.requests,
        "input_bytes": totals.size,
        "input_tokens_estimate": totals.tokens,
        "output_tokens_estimate": totals.usual_output_tokens,
        "cost_reserved": round(totals.cost, 6),
    }
    return current_build.finish(services, batch, created)


def _store_cap(services: Services, batch: OpenAIBatch, reason: str) -> None:
    """Store in the run's record which cap kept products waiting. The first reason is kept."""
    message = f"{reason}; what waits is taken by the next run that may spend more."
    services.runs.modify(
        batch.run_id, lambda run: run if run.capped else run.model_copy(update={"capped": message})
    )
