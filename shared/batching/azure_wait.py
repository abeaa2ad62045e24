"""A batch waits while Azure OpenAI cannot be used. Its record says for what, and it continues by itself.

A failed call loses nothing, because the batch's record stores each step before it begins. So a wrong key, a
network that is down or an outage never ends a batch. Only an error of the batch itself does.
"""

import logging
from collections.abc import Callable
from typing import Any

from shared.capacity.backoff import backoff_seconds
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.wait_reason import NOT_WAITING, WaitReason, waiting
from shared.openai_batch.remedies import access_text
from shared.openai_batch.remote_errors import NoAccess, OutcomeUnknown, RemoteError, Throttled
from shared.services import Services
from shared.workflow.names import SUBMIT_BATCH
from shared.workflow.next_step import Step

# Errors that say nothing about the batch. Any other `RemoteError` is about the batch's own files or job.
NOT_SERVED = (NoAccess, Throttled, OutcomeUnknown)


def note_failure(
    services: Services,
    batch: OpenAIBatch,
    error: RemoteError,
    save: Callable[[dict[str, Any]], object] | None = None,
) -> int:
    """Store what the batch waits for after an error of `NOT_SERVED`. Returns the pause in seconds.

    The pauses grow with the wait, within the settings. Azure's own `Retry-After` is kept within them too.
    """
    kind, text = WaitReason.BACK_OFF, "Azure OpenAI to answer again"
    if isinstance(error, NoAccess):
        kind, text = WaitReason.ACCESS, access_text(error.code, batch.deployment)
    elif isinstance(error, Throttled):
        text = "Azure OpenAI is throttling"
    now = utcnow()
    since = batch.waits_since if batch.wait_kind == kind and batch.waits_since else now
    if (batch.wait_kind, batch.waits_for) != (kind, text):
        logging.error("batch %s waits: %s", batch.batch_id, error)
        changes = waiting(kind, text, since)
        if save:
            save(changes)
        else:
            services.batches.modify(batch.batch_id, lambda current: current.model_copy(update=changes))
    shortest = max(1, error.retry_after) if isinstance(error, Throttled) else None
    return backoff_seconds(services.settings, now - since, shortest)


def wait_until_served(services: Services, batch: OpenAIBatch) -> Step | None:
    """For a batch whose results could not be fetched: ask Azure OpenAI whether it serves the app again.

    Returns the step that waits. None: the batch can continue.
    """
    if batch.is_online or batch.wait_kind not in (WaitReason.ACCESS, WaitReason.BACK_OFF):
        return None
    try:
        services.router.job_processor_for(batch).probe()
    except NOT_SERVED as error:
        return Step(next=SUBMIT_BATCH, wait_seconds=note_failure(services, batch, error))
    services.batches.modify(batch.batch_id, lambda current: current.model_copy(update=NOT_WAITING))
    return None
