"""How a batch's lines come to Azure and its results back: as files at the resource, or as blobs of ours.

`files`: the input is uploaded; the job carries our batch id in its metadata. Withdrawing deletes the file,
and a create that is still on its way is refused.

`blob`: Azure reads a blob of ours and writes others into our container. Jobs carry no metadata, so a job is
known by its input blob, which is written for one attempt to submit and never again: a copy, since Azure
fails a job whose input was changed. Withdrawing deletes it, and a job that comes too late fails before it
runs.
Source: learn.microsoft.com, "Configure Azure Blob Storage for Azure OpenAI Batch".
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import timedelta
from typing import IO, Any, Literal, cast

from openai.types import Batch

from shared.domain.batch import OpenAIBatch
from shared.domain.states import JobStatus
from shared.openai_batch.remote_batches import MISSING_CODE, Refused, RemoteBatches, blob_said, status_of
from shared.persistence import batch_files
from shared.persistence.blobs import Blobs

# Jobs and files are listed newest first; ours cannot be older than its record, but for clocks that differ.
CLOCK_SLACK = timedelta(hours=1)
# What Azure says of a job whose input blob is not there, or not what it was.
_WITHDRAWN_CODES = frozenset({"input_no_permissions", "input_modified"})

Readiness = Literal["pending", "processed", "error", "gone"]


def upload_name(batch: OpenAIBatch) -> str:
    """What a batch's input file is called at Azure."""
    return f"{batch.batch_id}.jsonl"


class Transfer(ABC):
    """What submitting and reading back need of a way of transfer; `changes` are fields of the record."""

    def __init__(self, remote: RemoteBatches, blobs: Blobs) -> None:
        self._remote = remote
        self._blobs = blobs

    @abstractmethod
    def put(self, batch: OpenAIBatch) -> dict[str, Any]:
        """Bring the input to where Azure reads it; the answer is the changes that name it."""

    @abstractmethod
    def readiness(self, batch: OpenAIBatch) -> Readiness:
        """Whether a job can be made of the input."""

    @abstractmethod
    def create(self, batch: OpenAIBatch) -> str:
        """Create the job; the answer is its id. This costs money: never repeat it blindly."""

    @abstractmethod
    def jobs(self, batch: OpenAIBatch) -> list[Batch]:
        """Jobs that this attempt to submit may have made, newest first."""

    @abstractmethod
    def withdraw(self, batch: OpenAIBatch) -> dict[str, Any]:
        """Take the input away, so that a create still on its way comes to nothing."""

    @abstractmethod
    def was_withdrawn(self, job: Batch) -> bool | None:
        """Whether a job came to nothing because its input was taken away; None while that is not known."""

    @abstractmethod
    def results(self, job: Batch) -> tuple[str | None, str | None]:
        """Where a job's output and error lines are, None where there are none (yet)."""

    @abstractmethod
    def read(self, place: str) -> Iterator[bytes]:
        """Lines at such a place, as a stream of chunks.

        Raises:
            Refused: with `MISSING_CODE` when they are not there.
        """

    @abstractmethod
    def forget(self, batch: OpenAIBatch) -> None:
        """Delete what the batch's job read and wrote."""

    @abstractmethod
    def discard(self, job: Batch, batch: OpenAIBatch) -> None:
        """Delete what a surplus job of the batch read and wrote, but for what is the batch's own."""


class FileTransfer(Transfer):
    """Input and results are files at the resource, and count against its quota of files."""

    def put(self, batch: OpenAIBatch) -> dict[str, Any]:
        with self._blobs.open(batch.filename) as file:
            return {"input_file_id": self._remote.upload(upload_name(batch), cast(IO[bytes], file))}

    def readiness(self, batch: OpenAIBatch) -> Readiness:
        return self._remote.file_status(batch.input_file_id) if batch.input_file_id else "gone"

    def create(self, batch: OpenAIBatch) -> str:
        return self._remote.create_job(batch.input_file_id or "", batch.batch_id)

    def jobs(self, batch: OpenAIBatch) -> list[Batch]:
        return self._remote.find_jobs(batch.batch_id, batch.created_at - CLOCK_SLACK)

    def withdraw(self, batch: OpenAIBatch) -> dict[str, Any]:
        if batch.input_file_id:
            self._remote.delete_file(batch.input_file_id)
        return {"input_file_id": None}

    def was_withdrawn(self, job: Batch) -> bool:  # noqa: ARG002 - a create without its file is refused
        return False

    def results(self, job: Batch) -> tuple[str | None, str | None]:
        return job.output_file_id or None, job.error_file_id or None

    def read(self, place: str) -> Iterator[bytes]:
        return self._remote.download(place)

    def forget(self, batch: OpenAIBatch) -> None:
        known = _own(batch)
        if batch.submit_attempts > 1 or (batch.submit_attempts and not batch.input_file_id):
            # An upload whose end is unknown may have left a file that the record does not name.
            known |= set(self._remote.find_files(upload_name(batch), batch.created_at - CLOCK_SLACK))
        for file_id in sorted(known):
            self._remote.delete_file(file_id)

    def discard(self, job: Batch, batch: OpenAIBatch) -> None:
        for file_id in (job.input_file_id, job.output_file_id, job.error_file_id):
            if file_id and file_id not in _own(batch):
                self._remote.delete_file(file_id)


class BlobTransfer(Transfer):
    """Input and results are blobs of ours; the ids in the record are their names."""

    def put(self, batch: OpenAIBatch) -> dict[str, Any]:
        name = batch_files.sent_name(batch.batch_id, batch.submit_attempts)
        self._blobs.write(name, self._blobs.chunks(batch.filename))
        return {"input_file_id": name}

    def readiness(self, batch: OpenAIBatch) -> Readiness:
        return "processed" if batch.input_file_id and self._blobs.exists(batch.input_file_id) else "gone"

    def create(self, batch: OpenAIBatch) -> str:
        return self._remote.create_blob_job(self._blobs.url(batch.input_file_id or ""), self._blobs.url())

    def jobs(self, batch: OpenAIBatch) -> list[Batch]:
        recent = self._remote.jobs_since(batch.created_at - CLOCK_SLACK)
        return [
            job for job in recent if self._blobs.name(blob_said(job, "input_blob")) == batch.input_file_id
        ]

    def withdraw(self, batch: OpenAIBatch) -> dict[str, Any]:
        # The name is kept: a job that was created before it is looked for by it.
        if batch.input_file_id:
            self._blobs.delete(batch.input_file_id)
        return {}

    def was_withdrawn(self, job: Batch) -> bool | None:
        if status_of(job) == JobStatus.VALIDATING:
            return None
        codes = {error.code for error in (job.errors.data or [])} if job.errors else set()
        return status_of(job) == JobStatus.FAILED and bool(codes & _WITHDRAWN_CODES)

    def results(self, job: Batch) -> tuple[str | None, str | None]:
        output, errors = (self._written(blob_said(job, name)) for name in ("output_blob", "error_blob"))
        return output, errors

    def read(self, place: str) -> Iterator[bytes]:
        if not self._blobs.exists(place):
            raise Refused(MISSING_CODE, f"there is no blob {place}")
        return self._blobs.chunks(place)

    def forget(self, batch: OpenAIBatch) -> None:
        copies = self._blobs.sizes(batch_files.sent_prefix(batch.batch_id))
        for name in sorted({*copies, *_own(batch)}):
            self._blobs.delete(name)

    def discard(self, job: Batch, batch: OpenAIBatch) -> None:
        for said in ("input_blob", "output_blob", "error_blob"):
            name = self._blobs.name(blob_said(job, said))
            if name and name not in _own(batch):
                self._blobs.delete(name)

    def _written(self, url: str) -> str | None:
        # Azure names both blobs of every job, also one that it has not written.
        name = self._blobs.name(url)
        return name if name and self._blobs.exists(name) else None


def _own(batch: OpenAIBatch) -> set[str]:
    places = (batch.input_file_id, batch.output_file_id, batch.error_file_id)
    return {place for place in places if place}
