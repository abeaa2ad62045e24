"""Submit a batch: one call goes as far as it can without waiting, under a lease."""

import logging
import uuid
from datetime import timedelta
from typing import Any

import azure.durable_functions as df

from shared.composition import get_services
from shared.domain.batch import OpenAIBatch, SubmitPhase
from shared.domain.clock import utcnow
from shared.domain.states import BatchStatus
from shared.openai_batch.submission import Wait
from shared.services import Services
from shared.workflow.names import CHECK_BATCH, STAGE_RESULTS, SUBMIT_BATCH
from shared.workflow.next_step import DONE, Step

bp = df.Blueprint()


class LeaseLost(Exception):
    """Another worker is submitting this batch."""


@bp.activity_trigger(input_name="payload")
def submit_batch(payload: str) -> dict:  # type: ignore[type-arg]
    """Input: batch id. Output: `Step`."""
    return dict(submit(get_services(), payload))


def submit(services: Services, batch_id: str) -> Step:
    """Bring a batch to Azure. Every lifecycle begins here: it also says what follows where that is done."""
    if gone := wait_for_deployment(services, services.batches.get(batch_id)):
        return gone
    lease = _Lease(services, batch_id)
    batch = services.batches.modify(batch_id, lease.take)
    if batch.status == BatchStatus.SUBMITTING:
        if batch.submit_owner != lease.owner:
            return Step(next=SUBMIT_BATCH, wait_seconds=services.settings.submit_grace_seconds)
        processor = services.router.processor_for(batch)
        wait = _admit(services, batch, lease) or processor.submit(batch, lease.save)
        if wait is not None:
            lease.give_back()
            return Step(next=SUBMIT_BATCH, wait_seconds=wait.seconds)
        batch = services.batches.get(batch_id)
    if batch.status == BatchStatus.INGESTING:
        return Step(next=STAGE_RESULTS, wait_seconds=0)
    if batch.status.is_terminal:
        return Step(next=DONE, wait_seconds=0)
    following = SUBMIT_BATCH if batch.status == BatchStatus.BUILDING else CHECK_BATCH
    # A job that is to be cancelled costs more with every request that it finishes.
    wait_seconds = 0 if batch.cancel_requested_at else services.settings.poll_initial_seconds
    return Step(next=following, wait_seconds=wait_seconds)


def wait_for_deployment(services: Services, batch: OpenAIBatch) -> Step | None:
    """Wait, saying why, while the settings do not know the batch's deployment: nothing of it is given up."""
    missing = services.router.missing_deployment(batch)
    if missing is None or batch.status.is_terminal:
        return None
    if batch.waits_for != missing:
        logging.error("batch %s waits for %s", batch.batch_id, missing)
        waits = {"waits_for": missing, "waits_since": utcnow()}
        services.batches.modify(batch.batch_id, lambda current: current.model_copy(update=waits))
    return Step(next=SUBMIT_BATCH, wait_seconds=services.settings.quota_backoff_max_seconds)


def _admit(services: Services, batch: OpenAIBatch, lease: "_Lease") -> Wait | None:
    """Let the batch in, or say how long to wait: our own load must not fill the deployment's quota."""
    if batch.cancel_requested_at or batch.submit_phase not in (SubmitPhase.NONE, SubmitPhase.UPLOADING):
        return None
    short = services.budget.reserve_quota(batch)
    if short is None:
        return None
    now = utcnow()
    since = batch.waits_since if batch.waits_for and batch.waits_since else now
    lease.save({"waits_for": short, "waits_since": since})
    settings = services.settings
    waited = (now - since).total_seconds()
    seconds = min(settings.quota_backoff_max_seconds, max(settings.quota_backoff_seconds, waited))
    return Wait(int(seconds), short)


class _Lease:
    """One worker's right to submit a batch: an owner and an expiry in the batch's record."""

    def __init__(self, services: Services, batch_id: str) -> None:
        self.owner = uuid.uuid4().hex
        self._services = services
        self._batch_id = batch_id
        self._duration = timedelta(seconds=services.settings.submit_lease_seconds)

    def take(self, batch: OpenAIBatch) -> OpenAIBatch:
        """The batch as being submitted by us, or as it was where that is not ours to do."""
        if batch.status not in (BatchStatus.CREATED, BatchStatus.SUBMITTING):
            return batch
        if batch.submit_owner and batch.submit_expires_at and batch.submit_expires_at > utcnow():
            return batch
        return batch.model_copy(update={"status": BatchStatus.SUBMITTING, **self._held()})

    def save(self, changes: dict[str, Any]) -> OpenAIBatch:
        """Store changes while the lease is ours.

        Raises:
            LeaseLost: when another worker has taken it over.
        """

        def change(batch: OpenAIBatch) -> OpenAIBatch:
            if batch.submit_owner != self.owner:
                raise LeaseLost(f"Batch {self._batch_id} is being submitted by another worker.")
            return batch.model_copy(update={**self._held(), **changes})

        return self._services.batches.modify(self._batch_id, change)

    def give_back(self) -> None:
        self.save({"submit_owner": None, "submit_expires_at": None})

    def _held(self) -> dict[str, Any]:
        return {"submit_owner": self.owner, "submit_expires_at": utcnow() + self._duration}
