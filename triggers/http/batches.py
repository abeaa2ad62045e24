"""HTTP: batches and their files."""

import asyncio

import azure.durable_functions as df

from shared.composition import get_services
from shared.config.settings_loader import get_settings
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.errors import Unavailable, WrongState
from shared.domain.states import BatchStatus, allowed
from shared.monitoring.restart_limit import reset_restarts
from shared.openai_batch.processor import JobState
from shared.openai_batch.remote_errors import RemoteError
from shared.persistence import batch_files
from shared.services import Services
from triggers.api.api_keys import check_key
from triggers.api.operation import Call, Reply, accepted, operation
from triggers.schemas.batch_schemas import (
    BatchAccepted,
    BatchFile,
    BatchFileQuery,
    BatchFiles,
    BatchListQuery,
    BatchPage,
    BatchResponse,
    BatchStatusQuery,
    ProductsStatus,
)
from triggers.schemas.common_schemas import Scope
from triggers.start_work import start_lifecycle, wake_lifecycle

bp = df.Blueprint()

# Once results are being stored, a cancel has no effect any more.
_CANCELLABLE = (BatchStatus.CREATED, BatchStatus.SUBMITTING, BatchStatus.IN_PROGRESS)


@operation(
    bp,
    "POST",
    "v1/batch/submit/{batch_id}",
    scope=Scope.OPERATE,
    responses={202: BatchAccepted},
    errors=(404, 409),
    starts=True,
)
async def submit_created_batch(call: Call) -> Reply:
    """Submit a created batch. Its results are stored automatically when the job has ended."""
    batch = await _find(call)
    if batch.status != BatchStatus.CREATED or not await start_lifecycle(call.client, batch.batch_id):
        raise _wrong_state(batch, "only a created batch can be submitted, and only once")
    return _accepted(batch)


@operation(
    bp,
    "GET",
    "v1/batch/status/{batch_id}",
    scope=Scope.READ,
    responses={200: BatchResponse},
    errors=(403, 404, 409, 501, 503),
    starts=True,
)
async def batch_status(call: Call, query: BatchStatusQuery) -> Reply:
    """Return the record of a batch.

    With `refresh`, Azure is asked for the job's current status, and the stored record is updated soon after.
    That starts work: a key that may only read needs `READ_KEYS_MAY_EXPORT`.
    """
    if query.refresh:
        check_key(get_settings(), call.request, Scope.WORK)
    batch = await _find(call)
    if query.refresh and batch.status == BatchStatus.IN_PROGRESS and batch.openai_job_id:
        services = await asyncio.to_thread(get_services)
        job = await asyncio.to_thread(_ask_azure, services, batch)
        batch = batch.model_copy(update={"job_status": job.status, "requests_done": job.done})
        await wake_lifecycle(call.client, batch.batch_id)
    return Reply(BatchResponse(batch=batch.public()))


@operation(
    bp,
    "POST",
    "v1/batch/process-results/{batch_id}",
    scope=Scope.OPERATE,
    responses={200: BatchResponse, 202: BatchAccepted},
    errors=(404, 409),
    starts=True,
)
async def process_results(call: Call) -> Reply:
    """Check the job now, and store its results if it has ended.

    Safe to repeat. Returns 200 when the results are stored already, and 202 when they are not stored yet.
    """
    batch = await _find(call)
    if batch.status.is_terminal:
        return Reply(BatchResponse(batch=batch.public()))
    if batch.status in (BatchStatus.BUILDING, BatchStatus.CREATED):
        raise _wrong_state(batch, "it has no job yet, so submit it first")
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
    responses={202: BatchAccepted},
    errors=(404, 409),
    starts=True,
)
async def cancel_batch(call: Call) -> Reply:
    """Cancel a batch. Results that Azure has finished by then are charged and stored."""
    batch_id = (await _find(call)).batch_id
    services = await asyncio.to_thread(get_services)

    def request(batch: OpenAIBatch) -> OpenAIBatch:
        if batch.status not in _CANCELLABLE:
            raise _wrong_state(
                batch, "a batch can be cancelled after it is created and before its results are stored"
            )
        requested = batch.cancel_requested_at or utcnow()
        return reset_restarts(batch).model_copy(update={"cancel_requested_at": requested})

    # The request is stored first. The event only wakes the lifecycle, and it may be lost.
    batch = await asyncio.to_thread(services.batches.modify, batch_id, request)
    await wake_lifecycle(call.client, batch_id)
    return _accepted(batch)


@operation(bp, "GET", "v1/batch/list", scope=Scope.READ, responses={200: BatchPage})
def list_batches(call: Call, query: BatchListQuery) -> Reply:  # noqa: ARG001 - every handler takes its call
    """List batches, newest first."""
    page = get_services().batches.page(
        query.limit, query.after, lambda batch: query.status in (None, batch.status)
    )
    listed = [batch.public() for batch in page]
    return Reply(BatchPage(batches=listed, next_after=page.next_after, unreadable=page.unreadable))


@operation(
    bp, "GET", "v1/batch/file/{batch_id}", scope=Scope.OPERATE, responses={200: BatchFiles}, errors=(404, 409)
)
def batch_file(call: Call, query: BatchFileQuery) -> Reply:
    """Return download addresses of a batch's input, output or error lines, valid for a few minutes."""
    services = get_services()
    batch = services.batches.get(call.path["batch_id"])
    blobs = services.blobs.sizes(batch_files.prefix_of(batch, query.kind))
    return Reply(BatchFiles(files=[_signed(services, name, size) for name, size in blobs.items()]))


@operation(bp, "GET", "v1/batch/products/status", scope=Scope.READ, responses={200: ProductsStatus})
def products_status(call: Call) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Count products by status and category. Each count comes with the time when it was made."""
    summaries = get_services().summaries.all()
    totals: dict[str, int] = {}
    for summary in summaries:
        for status, count in summary.by_status.items():
            totals[str(status)] = totals.get(str(status), 0) + count
    return Reply(ProductsStatus(totals=totals, categories=summaries))


def _ask_azure(services: Services, batch: OpenAIBatch) -> JobState:
    try:
        return services.router.job_processor_for(batch).check(batch)
    except RemoteError as error:
        raise Unavailable(
            f"Azure OpenAI could not be asked about the job: {error}. Without `refresh`, the call returns "
            "the stored record."
        ) from error


async def _find(call: Call) -> OpenAIBatch:
    services = await asyncio.to_thread(get_services)
    return await asyncio.to_thread(services.batches.get, call.path["batch_id"])


def _accepted(batch: OpenAIBatch) -> Reply:
    location = f"/api/v1/batch/status/{batch.batch_id}"
    return accepted(BatchAccepted(batch=batch.public(), location=location), location)


def _signed(services: Services, name: str, size: int) -> BatchFile:
    signed = services.signer.sign(name, "read")
    return BatchFile(name=name.rsplit("/", 1)[1], bytes=size, url=signed.url, expires_at=signed.expires_at)


def _wrong_state(batch: OpenAIBatch, rule: str) -> WrongState:
    return WrongState(
        f"Batch {batch.batch_id} is {batch.status}: {rule}.",
        state=str(batch.status),
        allowed=allowed(batch.status),
    )
