"""`AzureOpenAIBatchProcessor`: build, submit, check, stage, parse — the steps of a batch at Azure OpenAI.

It knows Azure's side and the blobs. Which products, which state, what then: that is for the activities.
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
from shared.openai_batch.remote_batches import (
    MISSING_CODE,
    QUOTA_CODE,
    Refused,
    RemoteBatches,
    batch_id_of,
    status_of,
)
from shared.openai_batch.request_lines import RequestLines, build_request_lines
from shared.openai_batch.segments import write_segments
from shared.openai_batch.submission import Save, Submission, Wait
from shared.openai_batch.surplus_jobs import cancel_surplus
from shared.openai_batch.transfers import BlobTransfer, FileTransfer, Transfer
from shared.persistence.blobs import Blobs, split_lines


@dataclass(frozen=True)
class JobState:
    """A job as the app looks at it: status in lower case, ids None where Azure says null or \"\"."""

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
        """Ended with answers whose file is not named yet: Azure names it a little later.

        Without counts, a job that completed is taken to have answers.
        """
        if self.status == JobStatus.FAILED or not self.is_terminal:
            return False
        completed = self.status == JobStatus.COMPLETED if self.completed is None else self.completed > 0
        return (completed and not self.output_file_id) or (bool(self.failed) and not self.error_file_id)


class AzureOpenAIBatchProcessor:
    """One batch's way through Azure OpenAI; holds no state of its own."""

    def __init__(self, settings: Settings, remote: RemoteBatches, blobs: Blobs) -> None:
        self._settings = settings
        self._remote = remote
        self._blobs = blobs
        self._transfers: dict[TransferMode, Transfer] = {
            TransferMode.FILES: FileTransfer(remote, blobs),
            TransferMode.BLOB: BlobTransfer(remote, blobs),
        }

    def build(self, product: Product, sent: ManifestLine) -> RequestLines:
        """The request lines of one product."""
        return build_request_lines(self._settings, product, sent)

    def submit(self, batch: OpenAIBatch, save: Save) -> Wait | None:
        """Go as far towards a job as can be without waiting; see `Submission`."""
        submission = Submission(self._settings, self._transfer(batch), self._remote.cancel)
        return submission.advance(batch, save)

    def check(self, batch: OpenAIBatch) -> JobState:
        """Ask Azure how the batch's job stands."""
        job = self._remote.job(_job_id(batch))
        return _state(job, *self._transfer(batch).results(job))

    def batch_of_job(self, job_id: str) -> str | None:
        """The batch that a job at Azure was created for; None for a job of others, or none.

        Raises:
            RemoteError: when Azure does not say.
        """
        try:
            return batch_id_of(self._remote.job(job_id))
        except Refused as refusal:
            if refusal.code == MISSING_CODE:
                return None
            raise

    def cancel(self, batch: OpenAIBatch) -> None:
        """Ask Azure to cancel the batch's job; one that has ended already stays as it is."""
        try:
            self._remote.cancel(_job_id(batch))
        except Refused as refusal:
            # Azure's own words are the reason why it is too late; the job is looked at next.
            logging.info("job %s was not cancelled: %s", batch.openai_job_id, refusal)

    def cancel_surplus(self, find: Callable[[str], OpenAIBatch | None]) -> list[str]:
        """See `surplus.cancel_surplus`; `find` looks a batch up in our tables."""
        return cancel_surplus(
            self._remote, find, lambda job, batch: self._transfer(batch).discard(job, batch)
        )

    def stage(self, batch: OpenAIBatch, prefix: str, without_missing: bool = False) -> list[str]:
        """Copy the job's output and error files into blobs: segments, each with all lines of its products.

        The answer is the segments' names. Staging again writes the same segments.

        Raises:
            Refused: when a file is not there, unless that is to count as a file without lines.
        """
        names: list[str] = []
        for kind, file_id in (("output", batch.output_file_id), ("errors", batch.error_file_id)):
            try:
                names += self._stage_file(batch, file_id, f"{prefix}/{kind}") if file_id else []
            except Refused as refusal:
                if refusal.code != MISSING_CODE or not without_missing:
                    raise
                logging.error("batch %s: its %s file %s is not there", batch.batch_id, kind, file_id)
        return names

    def forget(self, batch: OpenAIBatch) -> None:
        """Delete what the job read and wrote: files at Azure count against a quota."""
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


def _state(job: Batch, output: str | None, errors_at: str | None) -> JobState:
    counts: Any = job.request_counts
    errors = (job.errors.data or []) if job.errors else []
    said = "; ".join(f"{error.code or 'error'}: {error.message or 'no message given'}" for error in errors)
    return JobState(
        status=status_of(job),
        done=((counts.completed or 0) + (counts.failed or 0)) if counts else 0,
        completed=counts.completed if counts else None,
        failed=counts.failed if counts else None,
        output_file_id=output,
        error_file_id=errors_at,
        error=said or None,
        quota_full=any(error.code == QUOTA_CODE for error in errors),
    )
