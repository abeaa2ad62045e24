"""`AzureOpenAIBatchProcessor`: build, submit, check and stage a batch that Azure OpenAI answers with a job.

It works on Azure and on blobs. The activities choose the products and store the batch's states.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openai.types import Batch

from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch, TransferMode
from shared.domain.outcome import ManifestLine
from shared.domain.product import Product
from shared.domain.states import ENDED_JOBS, JobStatus
from shared.openai_batch.remote_batches import RemoteBatches, batch_id_of, status_of
from shared.openai_batch.remote_errors import MISSING_CODE, QUOTA_CODE, Refused
from shared.openai_batch.request_lines import RequestLines, build_request_lines
from shared.openai_batch.segments import write_segments
from shared.openai_batch.submission import Save, Submission, Wait
from shared.openai_batch.surplus_jobs import cancel_surplus
from shared.openai_batch.transfers import BlobTransfer, FileTransfer, Transfer
from shared.persistence.blobs import Blobs, split_lines


@dataclass(frozen=True)
class JobState:
    """A job at Azure. `status` is in lower case; an id is None when Azure sends null or an empty string.

    `done`, `completed` and `failed` count requests; the last two are None when Azure sends no counts.
    """

    status: str
    done: int
    completed: int | None
    failed: int | None
    output_file_id: str | None
    error_file_id: str | None
    error: str | None
    quota_full: bool

    @property
    def is_terminal(self) -> bool:
        return self.status in ENDED_JOBS

    @property
    def lacks_files(self) -> bool:
        """The job has ended with answers, and Azure has not named their file yet. It does so a little later.

        Without counts, a completed job is assumed to have answers.
        """
        if self.status == JobStatus.FAILED or not self.is_terminal:
            return False
        completed = self.status == JobStatus.COMPLETED if self.completed is None else self.completed > 0
        return (completed and not self.output_file_id) or (bool(self.failed) and not self.error_file_id)


class AzureOpenAIBatchProcessor:
    """The steps of a batch at one deployment; keeps no state between calls."""

    def __init__(self, settings: Settings, remote: RemoteBatches, blobs: Blobs) -> None:
        self._settings = settings
        self._remote = remote
        self._blobs = blobs
        self._transfers: dict[TransferMode, Transfer] = {
            TransferMode.FILES: FileTransfer(remote, blobs),
            TransferMode.BLOB: BlobTransfer(remote, blobs),
        }

    def build(self, product: Product, manifest_line: ManifestLine) -> RequestLines:
        """Build the request lines of one product."""
        return build_request_lines(self._settings, product, manifest_line)

    def submit(self, batch: OpenAIBatch, save: Save) -> Wait | None:
        """Continue the submission until it is done or has to wait; see `Submission.advance`."""
        submission = Submission(self._settings, self._transfer(batch), self._remote.cancel)
        return submission.advance(batch, save)

    def check(self, batch: OpenAIBatch) -> JobState:
        """Read the state of the batch's job."""
        job = self._remote.job(_job_id(batch))
        return _state(job, *self._transfer(batch).results(job))

    def probe(self) -> None:
        """Make one small call to the resource; see `RemoteBatches.probe`.

        Raises:
            RemoteError: when the resource does not answer it.
        """
        self._remote.probe()

    def batch_of_job(self, job_id: str) -> str | None:
        """Return the id of the batch that a job was created for; None for a job that is not this app's.

        Raises:
            RemoteError: Azure did not answer the question.
        """
        try:
            return batch_id_of(self._remote.job(job_id))
        except Refused as refusal:
            if refusal.code == MISSING_CODE:
                return None
            raise

    def cancel(self, batch: OpenAIBatch) -> None:
        """Ask Azure to cancel the batch's job; a job that has already ended is left alone."""
        try:
            self._remote.cancel(_job_id(batch))
        except Refused as refusal:
            # The job has probably ended; the caller reads its state next.
            logging.info("job %s was not cancelled: %s", batch.openai_job_id, refusal)

    def cancel_surplus(self, find: Callable[[str], OpenAIBatch | None]) -> list[str]:
        """See `surplus_jobs.cancel_surplus`; `find` reads a batch's record by id."""
        return cancel_surplus(
            self._remote, find, lambda job, batch: self._transfer(batch).discard(job, batch)
        )

    def stage(self, batch: OpenAIBatch, prefix: str, without_missing: bool = False) -> list[str]:
        """Copy the job's output and error files into segments: blobs that hold all lines of their products.

        Returns the segments' names. Staging again writes the same segments.

        Raises:
            Refused: a file is missing. With `without_missing`, a missing file counts as an empty one.
        """
        names: list[str] = []
        for kind, file_id in (("output", batch.output_file_id), ("errors", batch.error_file_id)):
            try:
                names += self._stage_file(batch, file_id, f"{prefix}/{kind}") if file_id else []
            except Refused as refusal:
                if refusal.code != MISSING_CODE or not without_missing:
                    raise
                logging.error("batch %s: its %s file %s is missing", batch.batch_id, kind, file_id)
        return names

    def forget(self, batch: OpenAIBatch) -> None:
        """Delete the input and the results of the batch's job: files at Azure count against a quota."""
        self._transfer(batch).forget(batch)

    def _transfer(self, batch: OpenAIBatch) -> Transfer:
        return self._transfers[batch.transfer]

    def _stage_file(self, batch: OpenAIBatch, file_id: str, prefix: str) -> list[str]:
        lines = split_lines(self._transfer(batch).read(file_id))
        return write_segments(self._blobs, prefix, lines, batch.request_count, self._settings.segment_bytes)


def _job_id(batch: OpenAIBatch) -> str:
    if batch.openai_job_id is None:
        raise ValueError(f"batch {batch.batch_id} has no job")
    return batch.openai_job_id


def _state(job: Batch, output_file_id: str | None, error_file_id: str | None) -> JobState:
    counts: Any = job.request_counts
    errors = (job.errors.data or []) if job.errors else []
    messages = [f"{error.code or 'error'}: {error.message or 'no message given'}" for error in errors]
    return JobState(
        status=status_of(job),
        done=((counts.completed or 0) + (counts.failed or 0)) if counts else 0,
        completed=counts.completed if counts else None,
        failed=counts.failed if counts else None,
        output_file_id=output_file_id,
        error_file_id=error_file_id,
        error="; ".join(messages) or None,
        quota_full=any(error.code == QUOTA_CODE for error in errors),
    )
