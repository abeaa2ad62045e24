"""Select, claim, build: from the products of a category that are due to a batch ready to submit."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TypedDict

from shared.batching import current_build
from shared.batching.input_file import Build
from shared.batching.requeue import queue_new_locales
from shared.batching.selection import select
from shared.content.locales import LOCALES
from shared.domain.batch import ONLINE_DEPLOYMENT, OpenAIBatch, TransferMode
from shared.domain.clock import utcnow
from shared.domain.ids import newest_first_id
from shared.domain.run import Run
from shared.domain.states import BatchStatus
from shared.persistence import batch_files
from shared.services import Services

LOCK_DURATION = timedelta(minutes=10)

# Markers are hints, so a few more are read than are wanted.
_SLACK = 20


class Prepared(TypedDict):
    """What preparing came to. `batch_id` is None where nothing was due; `more`: the category has more."""

    batch_id: str | None
    products: int
    more: bool


def prepare(services: Services, run_id: str, category: str, sequence: int, limit: int) -> Prepared:
    """Make the run's batch number `sequence` of a category; running it again goes on where it stopped.

    The order is what makes it safe: batch record, selection, claim, product row, file, manifest, and only
    then the state `created`.
    """
    run = services.runs.get(run_id)
    services.runs.lock(run_id, LOCK_DURATION)
    if sequence == 0:
        queue_new_locales(services, category)
    batch_id = newest_first_id(run.created_at, f"{run_id}/{category}/{sequence}")
    batch = services.batches.find(batch_id)
    if batch is None:
        if not select(services, run, category, 1):
            return Prepared(batch_id=None, products=0, more=False)
        batch = _create(services, run, batch_id, category)
    most = _most_products(services, limit)
    if batch.status == BatchStatus.BUILDING:
        batch = _build(services, run, batch_id, most)
    wanted = limit == 0 or batch.product_count < limit
    more = batch.product_count > 0 and wanted and bool(select(services, run, category, 1))
    return Prepared(
        batch_id=batch_id if batch.product_count else None, products=batch.product_count, more=more
    )


def prepare_online(
    services: Services, run: Run, batch_id: str, category: str, product_ids: Sequence[str]
) -> OpenAIBatch:
    """Make a batch of these products and no others that is asked online.

    Running it again goes on where it stopped, with the products of the first time.
    """
    batch = services.batches.find(batch_id)
    if batch is None:
        batch = _create(
            services, run, batch_id, category, transfer=TransferMode.ONLINE, deployment=ONLINE_DEPLOYMENT
        )
    if batch.status != BatchStatus.BUILDING:
        return batch
    if batch_files.read_selection(services.blobs, batch_id) is None:
        batch_files.write_selection(services.blobs, batch_id, product_ids)
    return _build(services, run, batch_id, _most_products(services, 0))


def _build(services: Services, run: Run, batch_id: str, most: int) -> OpenAIBatch:
    """Build the file of a batch, and close it; or end it where it comes to nothing."""
    try:
        batch = _built(services, run, batch_id, most)
    except current_build.BuildLost:
        current_build.free_what_came_late(services, batch_id)
        raise
    services.summaries.recompute(batch.category)
    return batch


def _built(services: Services, run: Run, batch_id: str, most: int) -> OpenAIBatch:
    batch = current_build.begin(services, batch_id)
    if batch.error_message:
        return current_build.end_without_file(services, batch, batch.error_message)
    selection = batch_files.read_selection(services.blobs, batch_id)
    if selection is None:
        selection = select(services, run, batch.category, most + _SLACK)
        batch_files.write_selection(services.blobs, batch_id, selection)
    build = Build(services, batch, selection, most)
    build.run()
    return _close(services, batch, build)


def _create(services: Services, run: Run, batch_id: str, category: str, **chosen: object) -> OpenAIBatch:
    services.runs.add_batch(run.run_id, batch_id)
    services.batches.create(
        OpenAIBatch(
            batch_id=batch_id,
            filename=batch_files.input_name(batch_id, "none"),
            created_at=utcnow(),
            run_id=run.run_id,
            category=category,
            locales=[locale for locale in services.settings.locales if locale in (run.locales or LOCALES)],
        ).model_copy(update=chosen)
    )
    return services.batches.get(batch_id)


def _most_products(services: Services, limit: int) -> int:
    """How many products one file can hold when each needs every locale, or `limit` where that is less."""
    fits = max(1, services.settings.max_requests_per_file // len(services.settings.locale_groups))
    return min(limit or fits, fits)


def _close(services: Services, batch: OpenAIBatch, build: Build) -> OpenAIBatch:
    """Reserve the file's worst case, and make the batch one that can be submitted; or end it here."""
    weight = build.weight
    capped = None
    if weight.products:
        capped = services.budget.reserve_cost(batch, weight.cost)
    elif build.out_of_money:
        capped = "the money that is left under MAX_RUN_COST or MAX_MONTH_COST buys no further product"
    if capped or build.out_of_money:
        _say_capped(services, batch, capped or "MAX_RUN_COST or MAX_MONTH_COST is reached")
    if capped or not weight.products:
        reason = capped or "Nothing was left to claim when the file was built."
        return current_build.end_without_file(services, batch, reason)
    closed = {
        "status": BatchStatus.CREATED,
        "product_count": weight.products,
        "request_count": weight.requests,
        "input_bytes": weight.size,
        "input_tokens_estimate": weight.tokens,
        "output_tokens_estimate": weight.usual_output_tokens,
        "cost_reserved": round(weight.cost, 6),
    }
    return current_build.close(services, batch, closed)


def _say_capped(services: Services, batch: OpenAIBatch, reason: str) -> None:
    said = f"{reason}; what waits is taken by the next run that may spend more."
    services.runs.modify(
        batch.run_id, lambda run: run if run.capped else run.model_copy(update={"capped": said})
    )
