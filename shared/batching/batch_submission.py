"""Submitting a batch: one call goes as far as it can without waiting, under a lease.

What is sent to Azure OpenAI, and in which order, is in `shared/openai_batch/submission.py`.
"""

from shared.batching.azure_wait import NOT_SERVED, note_failure, wait_until_served
from shared.batching.missing_deployment import wait_for_deployment
from shared.batching.submission_lease import SubmissionLease
from shared.capacity.backoff import backoff_seconds
from shared.domain.batch import OpenAIBatch, SubmitPhase
from shared.domain.clock import utcnow
from shared.domain.states import BatchStatus
from shared.domain.wait_reason import WaitReason, waiting
from shared.openai_batch.remote_errors import RemoteError
from shared.openai_batch.submission import Wait
from shared.services import Services
from shared.workflow.names import CHECK_BATCH, STAGE_RESULTS, SUBMIT_BATCH
from shared.workflow.next_step import DONE, Step


def submit(services: Services, batch_id: str) -> Step:
    """Submit a batch to Azure OpenAI as far as possible, and return the next step.

    Every lifecycle begins here. For a batch that was submitted before, the step depends on its state alone.

    Raises:
        NotFound: when there is no such batch.
        LeaseLost: when another worker has taken over the submission.
    """
    batch = services.batches.get(batch_id)
    if missing := wait_for_deployment(services, batch):
        return missing
    if batch.status == BatchStatus.INGESTING and (unserved := wait_until_served(services, batch)):
        return unserved
    lease = SubmissionLease(services, batch_id)
    batch = lease.take()
    if batch.status == BatchStatus.SUBMITTING:
        if batch.submit_owner != lease.owner:
            return Step(next=SUBMIT_BATCH, wait_seconds=services.settings.submit_grace_seconds)
        processor = services.router.processor_for(batch)
        try:
            wait = _reserve_quota(services, batch, lease) or processor.submit(batch, lease.save)
        except NOT_SERVED as error:
            wait = Wait(_pause(services, batch_id, error, lease), str(error))
        if wait is not None:
            lease.release()
            return Step(next=SUBMIT_BATCH, wait_seconds=wait.seconds)
        batch = services.batches.get(batch_id)
    return _step_after(services, batch)


def _pause(services: Services, batch_id: str, error: RemoteError, lease: SubmissionLease) -> int:
    """Store what the batch waits for. The submission has changed the record, so it is read again."""
    return note_failure(services, services.batches.get(batch_id), error, lease.save)


def _step_after(services: Services, batch: OpenAIBatch) -> Step:
    if batch.status == BatchStatus.INGESTING:
        return Step(next=STAGE_RESULTS, wait_seconds=0)
    if batch.status.is_terminal:
        return Step(next=DONE, wait_seconds=0)
    following = SUBMIT_BATCH if batch.status == BatchStatus.BUILDING else CHECK_BATCH
    # Until a job is cancelled, every request that it finishes costs money: do not wait.
    wait_seconds = 0 if batch.cancel_requested_at else services.settings.poll_initial_seconds
    return Step(next=following, wait_seconds=wait_seconds)


def _reserve_quota(services: Services, batch: OpenAIBatch, lease: SubmissionLease) -> Wait | None:
    """Reserve the deployment's quota before the upload, or return how long to wait for it.

    The app's own batches must not fill the quota: Azure would accept such a job and fail it later.
    """
    if batch.cancel_requested_at or batch.submit_phase not in (SubmitPhase.NONE, SubmitPhase.UPLOADING):
        return None
    shortage = services.budget.reserve_quota(batch)
    if shortage is None:
        return None
    now = utcnow()
    since = batch.waits_since if batch.wait_kind == WaitReason.QUOTA and batch.waits_since else now
    lease.save(waiting(WaitReason.QUOTA, shortage, since))
    return Wait(backoff_seconds(services.settings, now - since), shortage)
