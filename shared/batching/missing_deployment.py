"""A batch whose deployment is missing from the settings waits until the deployment is back."""

import logging

from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.wait_reason import WaitReason, waiting
from shared.services import Services
from shared.workflow.names import SUBMIT_BATCH
from shared.workflow.next_step import Step


def wait_for_deployment(services: Services, batch: OpenAIBatch) -> Step | None:
    """Store why the batch waits, and return the step that waits. None: the deployment is configured."""
    missing = services.router.missing_deployment(batch)
    if missing is None or batch.status.is_terminal:
        return None
    if batch.waits_for != missing:
        logging.error("batch %s waits for %s", batch.batch_id, missing)
        waits = waiting(WaitReason.ACCESS, missing, utcnow())
        services.batches.modify(batch.batch_id, lambda current: current.model_copy(update=waits))
    return Step(next=SUBMIT_BATCH, wait_seconds=services.settings.quota_backoff_max_seconds)
