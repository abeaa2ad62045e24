"""HTTP: batches."""

import asyncio

import azure.durable_functions as df

from shared.composition import get_services
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.errors import WrongState
from shared.domain.states import BatchStatus, allowed
from shared.monitoring.restart_limit import reset_restarts
from shared.persistence import batch_files
from shared.services import Services
from triggers.api.operation import Call, Reply, accepted, operation
from triggers.schemas.batch_schemas import (
    BatchAccepted,
    BatchAnswer,
    BatchFile,
    BatchFileQuery,
    BatchFiles,
    BatchListQuery,
    BatchPage,
    BatchStatusQuery,
    ProductsStatus,
)
from triggers.schemas.common_schemas import Scope
from triggers.start_work import start_lifecycle, wake_lifecycle

bp = df.Blueprint()

# A cancel is heeded up to the moment at which the results are being stored.
_CANCELLABLE = (BatchStatus.CREATED, BatchStatus.SUBMITTING, BatchStatus.IN_PROGRESS)


@operation(
    bp,
    "POST",
    "v1/batch/submit/{batch_id}",
    scope=Scope.OPERATE,
    answers={202: BatchAccepted},
    errors=(404, 409),
    starts=True,
)
async def submit_created_batch(call: Call) -> Reply:
    """Submit a batch that was created; its lifecycle does the rest."""
    batch = await _find(call)
    if batch.status != BatchStatus.CREATED or not await start_lifecycle(call.client, batch.batch_id):
        raise _wrong_state(batch, "a created batch can be submitted, and only once")
    return _accepted(batch)


@operation(
    bp,
    "GET",
    "v1/batch/status/{batch_id}",
    scope=Scope.READ,
    answers={200: BatchAnswer},
    errors=(404, 409),
    starts=True,
)
async def batch_status(call: Call, query: BatchStatusQuery) -> Reply:
    """One batch's record.

    With `refresh`, Azure is asked how the job stands now, and the lifecycle is woken to store it.
    """
    batch = await _find(call)
    if query.refresh and batch.status == BatchStatus.IN_PROGRESS and batch.openai_job_id:
        services = await asyncio.to_thread(get_services)
        job = await asyncio.to_thread(services.router.job_processor_for(batch).check, batch)
        batch = batch.model_copy(update={"job_status": job.status, "requests_done": job.done})
        await wake_lifecycle(call.client, batch.batch_id)
    return Reply(BatchAnswer(batch=batch.public()))


@operation(
    bp,
    "POST",
    "v1/batch/process-results/{batch_id}",
    scope=Scope.OPERATE,
    answers={200: BatchAnswer, 202: BatchAccepted},
    errors=(404, 409),
    starts=True,
)
async def process_results(call: Call) -> Reply:
    """Look at the job now, and store its results when it has ended.

    Safe to repeat: 200 when the results are stored already, 202 when they are still to come.
    """
    batch = await _find(call)
    if batch.status.is_terminal:
        return Reply(BatchAnswer(batch=batch.public()))
    if batch.status in (BatchStatus.BUILDING, BatchStatus.CREATED):
        raise _wrong_state(batch, "it has no job yet; submit it first")
    if batch.needs_attention:
        services = await asyncio.to_thread(get_services)
        batch = await asyncio.to_thread(services.batches.modify, batch.batch_id, reset_restarts)
    await wake_lifecycle(call.client, batch.batch_id)
    return _accepted(batch)


@operation(
    bp,
    "POST",
    "v1/batch/cancel/{batch_id}",
    scope=Scope.OPERATE,
    answers={202: BatchAccepted},
    errors=(404, 409),
    starts=True,
)
async def cancel_batch(call: Call) -> Reply:
    """Cancel a batch. What Azure has finished by then is charged, and is stored."""
    batch_id = (await _find(call)).batch_id
    services = await asyncio.to_thread(get_services)

    def request(batch: OpenAIBatch) -> OpenAIBatch:
        if batch.status not in _CANCELLABLE:
            raise _wrong_state(batch, "it can be cancelled once it is created, until its results are stored")
        requested = batch.cancel_requested_at or utcnow()
        return reset_restarts(batch).model_copy(update={"cancel_requested_at": requested})

    # The wish is written down first; the event only wakes, and may be lost.
    batch = await asyncio.to_thread(services.batches.modify, batch_id, request)
    await wake_lifecycle(call.client, batch_id)
    return _accepted(batch)


@operation(bp, "GET", "v1/batch/list", scope=Scope.READ, answers={200: BatchPage})
def list_batches(call: Call, query: BatchListQuery) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Batches, newest first."""
    page = get_services().batches.page(
        query.limit, query.after, lambda batch: query.status in (None, batch.status)
    )
    listed = [batch.public() for batch in page]
    return Reply(BatchPage(batches=listed, next_after=page.next_after, unreadable=page.unreadable))


@operation(
    bp, "GET", "v1/batch/file/{batch_id}", scope=Scope.OPERATE, answers={200: BatchFiles}, errors=(404, 409)
)
def batch_file(call: Call, query: BatchFileQuery) -> Reply:
    """Where a batch's input, output or error lines can be downloaded, for a few minutes."""
    services = get_services()
    batch = services.batches.get(call.path["batch_id"])
    blobs = services.blobs.sizes(batch_files.prefix_of(batch, query.kind))
    return Reply(BatchFiles(files=[_signed(services, name, size) for name, size in blobs.items()]))


@operation(bp, "GET", "v1/batch/products/status", scope=Scope.READ, answers={200: ProductsStatus})
def products_status(call: Call) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Products by status and category, each with the time it was counted."""
    summaries = get_services().summaries.all()
    totals: dict[str, int] = {}
    for summary in summaries:
        for status, count in summary.by_status.items():
            totals[str(status)] = totals.get(str(status), 0) + count
    return Reply(ProductsStatus(totals=totals, categories=summaries))


async def _find(call: Call) -> OpenAIBatch:
    services = await asyncio.to_thread(get_services)
    return await asyncio.to_thread(services.batches.get, call.path["batch_id"])


def _accepted(batch: OpenAIBatch) -> Reply:
    location = f"/api/v1/batch/status/{batch.batch_id}"
    return accepted(BatchAccepted(batch=batch.public(), location=location), location)


def _signed(services: Services, name: str, size: int) -> BatchFile:
    signed = services.signer.sign(name, "read")
    return BatchFile(name=name.rsplit("/", 1)[1], bytes=size, url=signed.url, expires_at=signed.expires_at)


def _wrong_state(batch: OpenAIBatch, what: str) -> WrongState:
    return WrongState(
        f"Batch {batch.batch_id} is {batch.status}: {what}.",
        state=str(batch.status),
        allowed=allowed(batch.status),
    )
