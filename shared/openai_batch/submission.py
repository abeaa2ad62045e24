"""Submit a batch: the only step that costs money and is not idempotent by nature.

One worker at a time submits a batch, under a lease. It stores each phase (`SubmitPhase`) before it begins it.

When the outcome of a create is unknown, the submission looks for the job. If it finds none, it withdraws the
input. This is the fence: a create that is still in flight can no longer run. Then it looks a second time, and
only if there is still no job does it transfer the input again. The `Transfer` implements how input is
transferred and withdrawn, and how a job is recognised.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shared.capacity.backoff import backoff_seconds
from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch, SubmitPhase
from shared.domain.clock import utcnow
from shared.domain.states import ENDED_JOBS, BatchStatus, JobStatus
from shared.domain.wait_reason import NOT_WAITING, WaitReason, waiting
from shared.openai_batch.remote_batches import status_of
from shared.openai_batch.remote_errors import NoAccess, OutcomeUnknown, QuotaFull, Refused, Throttled
from shared.openai_batch.transfers import Transfer

Save = Callable[[dict[str, Any]], OpenAIBatch]
"""Stores changes of the batch's record while the caller holds the lease, and returns the new record."""

FILE_QUOTA_CODE = "quotaExceeded"

JOB_TO_END = "Azure OpenAI to finish the job"
JOB_TO_BE_CANCELLED = "Azure OpenAI to cancel the job, whose last requests are then sent online"
TOKEN_QUOTA = (WaitReason.QUOTA, "room in the enqueued-token quota")
_FILE_QUOTA = (WaitReason.QUOTA, "room in the file quota")
_THROTTLED = (WaitReason.BACK_OFF, "Azure OpenAI is throttling")
_INTERRUPTED = (WaitReason.BACK_OFF, "the next try after an interrupted upload")
_FILE_PROCESSING = (WaitReason.BACK_OFF, "Azure to process the input file")
_CREATE_UNKNOWN = (WaitReason.BACK_OFF, "a create whose end is unknown")
_SECOND_LOOK = (WaitReason.BACK_OFF, "a second search for a job of this batch")
_WITHDRAWN = (WaitReason.BACK_OFF, "Azure to see that the input was withdrawn")

_ENDED = {*ENDED_JOBS, JobStatus.CANCELLING}


@dataclass(frozen=True)
class Wait:
    """The submission has to wait `seconds` for `reason`."""

    seconds: int
    reason: str


class Submission:
    """Creates the job of a batch, in as many calls as there are waits."""

    def __init__(self, settings: Settings, transfer: Transfer, cancel: Callable[[str], object]) -> None:
        self._settings = settings
        self._transfer = transfer
        self._cancel_job = cancel

    def advance(self, batch: OpenAIBatch, save: Save) -> Wait | None:
        """Continue from the stored phase.

        Returns None when the batch is submitted, cancelled or refused for good; else what it has to wait for.
        """
        while batch.status == BatchStatus.SUBMITTING:
            try:
                if batch.cancel_requested_at and batch.submit_phase not in _JOB_MAY_EXIST:
                    step: OpenAIBatch | Wait = self._cancel(batch, save)
                elif batch.submit_phase in _JOB_MAY_EXIST:
                    step = self._find_job(batch, save)
                elif batch.submit_phase == SubmitPhase.UPLOADED and batch.input_file_id:
                    step = self._create(batch, save)
                else:
                    step = self._upload(batch, save)
            except Throttled as error:
                pause = backoff_seconds(self._settings, shortest=max(1, error.retry_after))
                return self._wait(batch, save, _THROTTLED, pause)
            if isinstance(step, Wait):
                return step
            batch = step
        return None

    def _upload(self, batch: OpenAIBatch, save: Save) -> OpenAIBatch | Wait:
        before = batch
        batch = save({"submit_phase": SubmitPhase.UPLOADING, "submit_attempts": batch.submit_attempts + 1})
        try:
            placed = self._transfer.put(batch)
        except OutcomeUnknown:
            # The upload may have left a file. It is not a job, and settling finds it by its name.
            return self._wait(batch, save, _INTERRUPTED, self._settings.submit_grace_seconds)
        except NoAccess:
            # Nothing was sent. Without an attempt there is nothing to look for when the batch is cancelled.
            save({"submit_phase": before.submit_phase, "submit_attempts": before.submit_attempts})
            raise
        except Refused as refusal:
            if refusal.code == FILE_QUOTA_CODE:
                return self._wait(batch, save, _FILE_QUOTA, self._backoff(batch))
            return self._refused(save, refusal)
        return save({"submit_phase": SubmitPhase.UPLOADED, **placed, **NOT_WAITING})

    def _create(self, batch: OpenAIBatch, save: Save) -> OpenAIBatch | Wait:
        status = self._transfer.readiness(batch)
        if status == "pending":
            return self._wait(batch, save, _FILE_PROCESSING, self._backoff(batch, first=1))
        if status == "gone":
            return save({"submit_phase": SubmitPhase.NONE, "input_file_id": None})
        if status == "error":
            return self._refused(save, Refused("file_error", "Azure could not process the input file"))
        batch = save({"submit_phase": SubmitPhase.CREATING})
        try:
            job_id = self._transfer.create(batch)
        except OutcomeUnknown:
            return self._wait(batch, save, _CREATE_UNKNOWN, self._settings.submit_grace_seconds)
        except QuotaFull:
            save({"submit_phase": SubmitPhase.UPLOADED})
            return self._wait(batch, save, TOKEN_QUOTA, self._backoff(batch))
        except (Throttled, NoAccess):
            save({"submit_phase": SubmitPhase.UPLOADED})
            raise
        except Refused as refusal:
            return self._refused(save, refusal)
        return save(_submitted(job_id))

    def _find_job(self, batch: OpenAIBatch, save: Save) -> OpenAIBatch | Wait:
        jobs = [job for job in self._transfer.jobs(batch) if job.id not in batch.previous_job_ids]
        fenced = batch.submit_phase == SubmitPhase.FENCED
        if fenced and any(self._transfer.was_withdrawn(job) is None for job in jobs):
            return self._wait(batch, save, _WITHDRAWN, self._settings.submit_grace_seconds)
        # A job that was created after its input was withdrawn costs nothing, and is not the batch's job.
        jobs = [job for job in jobs if not (fenced and self._transfer.was_withdrawn(job))]
        if jobs:
            chosen, *surplus = sorted(jobs, key=lambda job: (status_of(job) in _ENDED, job.created_at))
            for job in surplus:
                if status_of(job) not in _ENDED:
                    self._cancel_job(job.id)
            input_file_id = chosen.input_file_id or batch.input_file_id
            return save({**_submitted(chosen.id), "input_file_id": input_file_id})
        if fenced:
            return save({"submit_phase": SubmitPhase.NONE, "input_file_id": None})
        batch = save({"submit_phase": SubmitPhase.FENCED, **self._transfer.withdraw(batch)})
        return self._wait(batch, save, _SECOND_LOOK, self._settings.submit_grace_seconds)

    def _cancel(self, batch: OpenAIBatch, save: Save) -> OpenAIBatch:
        """End a batch for which no create was sent: it has no job, and no request was answered."""
        withdrawn = self._transfer.withdraw(batch)
        return save(
            {
                **withdrawn,
                "status": BatchStatus.INGESTING,
                "submit_phase": SubmitPhase.NONE,
                "job_status": JobStatus.CANCELLED,
                **NOT_WAITING,
            }
        )

    def _refused(self, save: Save, refusal: Refused) -> OpenAIBatch:
        return save(
            {
                "status": BatchStatus.INGESTING,
                "submit_phase": SubmitPhase.NONE,
                "job_status": JobStatus.REFUSED,
                "job_error": str(refusal),
                **NOT_WAITING,
            }
        )

    def _wait(self, batch: OpenAIBatch, save: Save, reason: tuple[WaitReason, str], seconds: int) -> Wait:
        kind, text = reason
        if (batch.wait_kind, batch.waits_for) != reason:
            save(waiting(kind, text, utcnow()))
        return Wait(seconds, text)

    def _backoff(self, batch: OpenAIBatch, first: int | None = None) -> int:
        waited = utcnow() - batch.waits_since if batch.waits_since else timedelta(0)
        return backoff_seconds(self._settings, waited, first)


# In these phases a create may have reached Azure.
_JOB_MAY_EXIST = (SubmitPhase.CREATING, SubmitPhase.FENCED)


def _submitted(job_id: str) -> dict[str, Any]:
    return {
        "status": BatchStatus.IN_PROGRESS,
        "submit_phase": SubmitPhase.NONE,
        "openai_job_id": job_id,
        "submitted_at": utcnow(),
        "submit_owner": None,
        "submit_expires_at": None,
        **waiting(WaitReason.POLL, JOB_TO_END, utcnow()),
    }
