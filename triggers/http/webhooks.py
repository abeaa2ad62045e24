"""HTTP: webhook events of Azure OpenAI. When a job ends, its batch is checked at once, without polling."""

import asyncio

import azure.durable_functions as df

from shared.composition import get_services
from shared.domain.errors import Unavailable
from shared.domain.states import BatchStatus
from shared.openai_batch.remote_errors import RemoteError
from shared.openai_batch.webhook_events import ended_job
from shared.services import Services
from triggers.api.json_body import limited
from triggers.api.json_responses import JSON
from triggers.api.operation import Call, Reply, operation
from triggers.schemas.common_schemas import ResponseModel, Scope
from triggers.start_work import wake_lifecycle

bp = df.Blueprint()

_WAITING = (BatchStatus.SUBMITTING, BatchStatus.IN_PROGRESS)


class WebhookResponse(ResponseModel):
    woken: bool


@operation(
    bp,
    "POST",
    "v1/webhooks/azure-openai",
    scope=Scope.SIGNED,
    responses={200: WebhookResponse},
    errors=(413, 501, 503),
    uploads=(JSON,),
    starts=True,
)
async def azure_openai_webhook(call: Call) -> Reply:
    """Receive an event of Azure OpenAI. If a job has ended, its batch checks the job now.

    The signature follows the Standard Webhooks specification, with `OPENAI_WEBHOOK_SECRET`. Safe to repeat:
    an event only makes the next check happen sooner.
    """
    services = await asyncio.to_thread(get_services)
    job_id = ended_job(services.settings, limited(call.request), call.request.headers)
    batch_id = await asyncio.to_thread(_waiting_batch, services, job_id) if job_id else None
    if batch_id is not None:
        await wake_lifecycle(call.client, batch_id)
    return Reply(WebhookResponse(woken=batch_id is not None))


def _waiting_batch(services: Services, job_id: str) -> str | None:
    """Return the id of the batch that waits for a job, or None. Azure's record of the job names the batch.

    Raises:
        Unavailable: when Azure does not answer. The sender of the event then tries again.
    """
    try:
        batch_id = services.router.batch_of_job(job_id)
    except RemoteError as error:
        raise Unavailable(f"Azure OpenAI could not be asked about job {job_id!r}: {error}.") from error
    batch = services.batches.find(batch_id) if batch_id else None
    return batch.batch_id if batch is not None and batch.status in _WAITING else None
