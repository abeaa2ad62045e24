"""HTTP: events of Azure OpenAI. The end of a job wakes its batch, which would find out by itself later."""

import asyncio

import azure.durable_functions as df

from shared.composition import get_services
from shared.domain.errors import Unavailable
from shared.domain.states import BatchStatus
from shared.openai_batch.remote_errors import RemoteError
from shared.openai_batch.webhook_events import ended_job
from shared.services import Services
from triggers.api.operation import JSON, Call, Reply, operation
from triggers.schemas.common_schemas import Answer, Scope
from triggers.start_work import wake_lifecycle

bp = df.Blueprint()

_WAITING = (BatchStatus.SUBMITTING, BatchStatus.IN_PROGRESS)


class WebhookAnswer(Answer):
    woken: bool


@operation(
    bp,
    "POST",
    "v1/webhooks/azure-openai",
    scope=Scope.SIGNED,
    answers={200: WebhookAnswer},
    errors=(501, 503),
    uploads=(JSON,),
    starts=True,
)
async def azure_openai_webhook(call: Call) -> Reply:
    """Take an event of Azure OpenAI: a batch whose job has ended looks at it now.

    Signed as the Standard Webhooks specification says, with `OPENAI_WEBHOOK_SECRET`. Safe to repeat: events
    change nothing but the moment of the next look.
    """
    services = await asyncio.to_thread(get_services)
    job_id = ended_job(services.settings, call.request.get_body(), call.request.headers)
    batch_id = await asyncio.to_thread(_waiting_batch, services, job_id) if job_id else None
    if batch_id is not None:
        await wake_lifecycle(call.client, batch_id)
    return Reply(WebhookAnswer(woken=batch_id is not None))


def _waiting_batch(services: Services, job_id: str) -> str | None:
    """The batch that waits for a job, by what Azure says of the job; None where none does.

    Raises:
        Unavailable: Azure did not answer; the sender tries again.
    """
    try:
        batch_id = services.router.batch_of_job(job_id)
    except RemoteError as error:
        raise Unavailable(f"Azure OpenAI was asked about job {job_id!r}: {error}.") from error
    batch = services.batches.find(batch_id) if batch_id else None
    return batch.batch_id if batch is not None and batch.status in _WAITING else None
