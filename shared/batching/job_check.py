"""Checking a batch's job at Azure OpenAI, and storing what Azure reports."""

from typing import Any

from shared.batching.azure_wait import NOT_SERVED, note_failure
from shared.batching.missing_deployment import wait_for_deployment
from shared.capacity.polling import poll_seconds
from shared.domain.batch import OpenAIBatch, SubmitPhase
from shared.domain.clock import utcnow
from shared.domain.states import BatchStatus, JobStatus
from shared.domain.wait_reason import NOT_WAITING, WaitReason, waiting
from shared.openai_batch.processor import JobState
from shared.openai_batch.submission import JOB_TO_BE_CANCELLED, JOB_TO_END, TOKEN_QUOTA
from shared.services import Services
from shared.workflow.names import CHECK_BATCH, STAGE_RESULTS, SUBMIT_BATCH
from shared.workflow.next_step import Step

# Azure may name the result files a little after it reports that the job has ended. After this many checks
# they count as missing.
_CHECKS_WITHOUT_OUTPUT = 20
_NO_FILE = "Azure named no file for answers that its job counts."


def check(services: Services, batch_id: str) -> Step:
    """Ask Azure once about the job of a batch, store the reply, and return the next step.

    A requested cancel is sent first. Completed, expired and cancelled jobs all have results to store.

    Raises:
        NotFound: when there is no such batch.
    """
    batch = services.batches.get(batch_id)
    if missing := wait_for_deployment(services, batch):
        return missing
    if batch.status != BatchStatus.IN_PROGRESS or batch.openai_job_id is None:
        return Step(next=SUBMIT_BATCH, wait_seconds=0)
    try:
        return _check_job(services, batch, batch.openai_job_id)
    except NOT_SERVED as error:
        return Step(next=CHECK_BATCH, wait_seconds=note_failure(services, batch, error))


def _check_job(services: Services, batch: OpenAIBatch, job_id: str) -> Step:
    batch_id = batch.batch_id
    if (batch.cancel_requested_at or batch.given_over_at) and not batch.cancel_sent_at:
        services.router.job_processor_for(batch).cancel(batch)
        services.batches.modify(
            batch_id, lambda current: current.model_copy(update={"cancel_sent_at": utcnow()})
        )
    job = services.router.job_processor_for(batch).check(batch)

    def store(current: OpenAIBatch) -> OpenAIBatch:
        if current.openai_job_id != job_id or current.status != BatchStatus.IN_PROGRESS:
            return current
        return current.model_copy(update=_changes(current, job))

    after = services.batches.modify(batch_id, store)
    if after.status == BatchStatus.SUBMITTING:
        return Step(next=SUBMIT_BATCH, wait_seconds=services.settings.quota_backoff_seconds)
    if after.status == BatchStatus.IN_PROGRESS:
        return Step(
            next=CHECK_BATCH, wait_seconds=poll_seconds(services.settings, after.submitted_at, utcnow())
        )
    return Step(next=STAGE_RESULTS, wait_seconds=0)


def _changes(batch: OpenAIBatch, job: JobState) -> dict[str, Any]:
    progress: dict[str, Any] = {"job_status": job.status, "requests_done": job.done}
    if batch.progress_at is None or job.done != batch.requests_done:
        progress["progress_at"] = utcnow()
    if job.status != batch.job_status:
        progress["job_status_since"] = utcnow()
    if batch.wait_kind in (WaitReason.ACCESS, WaitReason.BACK_OFF):
        text = JOB_TO_BE_CANCELLED if batch.given_over_at else JOB_TO_END
        progress |= waiting(WaitReason.POLL, text, utcnow())
    if not job.is_terminal:
        return progress
    if job.status == JobStatus.FAILED and job.quota_full and not batch.cancel_sent_at:
        # Azure accepted the job, then failed it for want of enqueued tokens. Submit again later: the products
        # have used up no attempt.
        return {
            **progress,
            "status": BatchStatus.SUBMITTING,
            "submit_phase": SubmitPhase.UPLOADED,
            "openai_job_id": None,
            "previous_job_ids": [*batch.previous_job_ids, batch.openai_job_id],
            "progress_at": None,
            "job_status_since": None,
            **waiting(*TOKEN_QUOTA, utcnow()),
        }
    if job.lacks_files and batch.checks_without_output < _CHECKS_WITHOUT_OUTPUT:
        return {**progress, "checks_without_output": batch.checks_without_output + 1}
    return {
        **progress,
        "status": BatchStatus.INGESTING,
        "output_file_id": job.output_file_id,
        "error_file_id": job.error_file_id,
        "job_error": job.error or (_NO_FILE if job.lacks_files else None),
        **NOT_WAITING,
    }
