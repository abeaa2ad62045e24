"""Submitting a batch: the only step that costs money and is not idempotent by nature.

Each step is written down before it is taken (`SubmitPhase`), under a lease that one worker holds at a time.
After a create whose end is unknown, a job with our batch id is looked for; when there is none, the input
file is deleted (the fence: a create that is still on its way then fails), and only after a second look is
the file uploaded anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any, cast

from shared.clock import utcnow
from shared.models.batch import OpenAIBatch, SubmitPhase
from shared.openai_batch.remote import OutcomeUnknown, QuotaFull, Refused, RemoteBatches, Throttled
from shared.settings import Settings
from shared.states import BatchStatus
from shared.storage.blobs import Blobs

Save = Callable[[dict[str, Any]], OpenAIBatch]
"""Stores changes of the batch record while the caller holds the lease; answers with the new record."""

FILE_QUOTA_CODE = "quotaExceeded"

# Jobs and files are listed newest first; ours cannot be older than its record, but for clocks that differ.
CLOCK_SLACK = timedelta(hours=1)
_ENDED = ("completed", "failed", "expired", "cancelled", "cancelling")


def upload_name(batch: OpenAIBatch) -> str:
    """What a batch's input file is called at Azure."""
    return f"{batch.batch_id}.jsonl"


@dataclass(frozen=True)
class Wait:
    """Nothing more can be done for `seconds`, because of `reason`."""

    seconds: int
    reason: str


class Submission:
    """Takes a batch from its blob to a job, as far as it goes without waiting."""

    def __init__(self, settings: Settings, remote: RemoteBatches, blobs: Blobs) -> None:
        self._settings = settings
        self._remote = remote
        self._blobs = blobs

    def advance(self, batch: OpenAIBatch, save: Save) -> Wait | None:
        """Go on from the phase stored. None: the batch is submitted, or refused for good."""
        while batch.status == BatchStatus.SUBMITTING:
            try:
                if batch.cancel_requested_at and batch.submit_phase not in _JOB_MAY_EXIST:
                    step: OpenAIBatch | Wait = self._cancelled(batch, save)
                elif batch.submit_phase in _JOB_MAY_EXIST:
                    step = self._look(batch, save)
                elif batch.submit_phase == SubmitPhase.UPLOADED and batch.input_file_id:
                    step = self._create(batch, batch.input_file_id, save)
                else:
                    step = self._upload(batch, save)
            except Throttled as error:
                return self._wait(batch, save, "Azure OpenAI is throttling", error.retry_after)
            if isinstance(step, Wait):
                return step
            batch = step
        return None

    def _upload(self, batch: OpenAIBatch, save: Save) -> OpenAIBatch | Wait:
        batch = save({"submit_phase": SubmitPhase.UPLOADING, "submit_attempts": batch.submit_attempts + 1})
        try:
            with self._blobs.open(batch.filename) as file:
                file_id = self._remote.upload(upload_name(batch), cast(IO[bytes], file))
        except OutcomeUnknown:
            # A file may be left over; it is no job, and settling looks for it by its name.
            return self._wait(batch, save, "the upload broke off", self._settings.submit_grace_seconds)
        except Refused as refusal:
            if refusal.code == FILE_QUOTA_CODE:
                return self._wait(batch, save, "room in the file quota", self._backoff(batch))
            return self._refused(save, refusal)
        return save({"submit_phase": SubmitPhase.UPLOADED, "input_file_id": file_id, **_NOT_WAITING})

    def _create(self, batch: OpenAIBatch, file_id: str, save: Save) -> OpenAIBatch | Wait:
        status = self._remote.file_status(file_id)
        if status == "pending":
            return self._wait(batch, save, "Azure to process the input file", self._backoff(batch, first=1))
        if status == "gone":
            return save({"submit_phase": SubmitPhase.NONE, "input_file_id": None})
        if status == "error":
            return self._refused(save, Refused("file_error", "Azure could not process the input file"))
        batch = save({"submit_phase": SubmitPhase.CREATING})
        try:
            job_id = self._remote.create_job(file_id, batch.batch_id)
        except OutcomeUnknown:
            return Wait(self._settings.submit_grace_seconds, "a create whose end is unknown")
        except QuotaFull:
            save({"submit_phase": SubmitPhase.UPLOADED})
            return self._wait(batch, save, "room in the enqueued-token quota", self._backoff(batch))
        except Throttled:
            save({"submit_phase": SubmitPhase.UPLOADED})
            raise
        except Refused as refusal:
            return self._refused(save, refusal)
        return save(_submitted(job_id))

    def _look(self, batch: OpenAIBatch, save: Save) -> OpenAIBatch | Wait:
        jobs = [
            job
            for job in self._remote.find_jobs(batch.batch_id, batch.created_at - CLOCK_SLACK)
            if job.id not in batch.previous_job_ids
        ]
        if jobs:
            ours, *surplus = sorted(jobs, key=lambda job: (job.status in _ENDED, job.created_at))
            for job in surplus:
                if job.status not in _ENDED:
                    self._remote.cancel(job.id)
            return save({**_submitted(ours.id), "input_file_id": ours.input_file_id})
        if batch.submit_phase == SubmitPhase.CREATING:
            if batch.input_file_id:
                self._remote.delete_file(batch.input_file_id)
            save({"submit_phase": SubmitPhase.FENCED, "input_file_id": None})
            return Wait(self._settings.submit_grace_seconds, "a second look for a job with our id")
        return save({"submit_phase": SubmitPhase.NONE})

    def _cancelled(self, batch: OpenAIBatch, save: Save) -> OpenAIBatch:
        """No create was sent: there is no job to cancel, and no request was answered."""
        if batch.input_file_id:
            self._remote.delete_file(batch.input_file_id)
        return save(
            {
                "status": BatchStatus.INGESTING,
                "submit_phase": SubmitPhase.NONE,
                "job_status": "cancelled",
                **_NOT_WAITING,
            }
        )

    def _refused(self, save: Save, refusal: Refused) -> OpenAIBatch:
        return save(
            {
                "status": BatchStatus.INGESTING,
                "submit_phase": SubmitPhase.NONE,
                "job_status": "refused",
                "job_error": str(refusal),
                **_NOT_WAITING,
            }
        )

    def _wait(self, batch: OpenAIBatch, save: Save, reason: str, seconds: int) -> Wait:
        if batch.waits_for != reason:
            save({"waits_for": reason, "waits_since": utcnow()})
        return Wait(seconds, reason)

    def _backoff(self, batch: OpenAIBatch, first: int | None = None) -> int:
        """As long again as it has waited already, within the settings: doubling without a counter."""
        waited = (utcnow() - batch.waits_since).total_seconds() if batch.waits_since else 0
        shortest = self._settings.quota_backoff_seconds if first is None else first
        return int(min(self._settings.quota_backoff_max_seconds, max(shortest, waited)))


# Phases in which a create may have reached Azure.
_JOB_MAY_EXIST = (SubmitPhase.CREATING, SubmitPhase.FENCED)
_NOT_WAITING: dict[str, Any] = {"waits_for": None, "waits_since": None}


def _submitted(job_id: str) -> dict[str, Any]:
    return {
        "status": BatchStatus.IN_PROGRESS,
        "submit_phase": SubmitPhase.NONE,
        "openai_job_id": job_id,
        "submitted_at": utcnow(),
        "submit_owner": None,
        "submit_expires_at": None,
        "waits_for": "Azure OpenAI to finish the job",
        "waits_since": utcnow(),
    }
