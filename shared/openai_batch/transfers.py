"""How a batch's input gets to Azure and its results back: as files at the resource, or as the app's blobs.

`files`: the input is uploaded, and the job's metadata contains the batch id. Withdrawing deletes the file.
Azure then refuses a create that is still in flight.

`blob`: Azure reads the input from the app's container and writes the results into it. Such jobs have no
metadata, so a job is identified by its input blob. Each attempt to submit writes a copy of its own and
never changes it, because Azure fails a job whose input was changed. Withdrawing deletes the copy. A job
that is created too late then fails before it runs.
Source: learn.microsoft.com, "Configure Azure Blob Storage for Azure OpenAI Batch".
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import timedelta
from typing import IO, Any, Literal, cast

from openai.types import Batch

from shared.domain.batch import OpenAIBatch
from shared.domain.states import JobStatus
from shared.openai_batch.remote_batches import RemoteBatches, blob_address, status_of
from shared.openai_batch.remote_errors import MISSING_CODE, Refused
from shared.persistence import batch_files
from shared.persistence.blobs import Blobs

# Listings of jobs and files stop at the creation of the batch's record. The slack covers clocks that differ.
CLOCK_SLACK = timedelta(hours=1)
# Error codes of a job whose input blob is missing or was changed.
_WITHDRAWN_CODES = frozenset({"input_no_permissions", "input_modified"})

Readiness = Literal["pending", "processed", "error", "gone"]


def upload_name(batch: OpenAIBatch) -> str:
    """Return the name of a batch's input file at Azure."""
    return f"{batch.batch_id}.jsonl"


class Transfer(ABC):
    """One way to transfer a batch's input and results.

    `put` and `withdraw` return changes for the batch's record, by field name. Every call on Azure raises a
    `RemoteError` when it fails.
    """

    def __init__(self, remote: RemoteBatches, blobs: Blobs) -> None:
        self._remote = remote
        self._blobs = blobs

    @abstractmethod
    def put(self, batch: OpenAIBatch) -> dict[str, Any]:
        """Copy the input to where Azure reads it. Returns the changes that name the copy."""

    @abstractmethod
    def readiness(self, batch: OpenAIBatch) -> Readiness:
        """Return whether a job can be created from the input."""

    @abstractmethod
    def create(self, batch: OpenAIBatch) -> str:
        """Create the job and return its id. This costs money: never repeat it blindly."""

    @abstractmethod
    def jobs(self, batch: OpenAIBatch) -> list[Batch]:
        """Return the jobs that this attempt to submit may have created, newest first."""

    @abstractmethod
    def withdraw(self, batch: OpenAIBatch) -> dict[str, Any]:
        """Delete the input, so that a create that is still in flight cannot run. Returns the changes."""

    @abstractmethod
    def was_withdrawn(self, job: Batch) -> bool | None:
        """Return whether a job failed because its input was withdrawn; None while Azure has not decided."""

    @abstractmethod
    def results(self, job: Batch) -> tuple[str | None, str | None]:
        """Return the ids of a job's output and error files; None for a file that does not exist (yet).

        An id is a file id at Azure, or the name of a blob.
        """

    @abstractmethod
    def read(self, file_id: str) -> Iterator[bytes]:
        """Yield the content of a result file in chunks; `file_id` is an id from `results`.

        Raises:
            Refused: with `MISSING_CODE` when the file is missing.
        """

    @abstractmethod
    def forget(self, batch: OpenAIBatch) -> None:
        """Delete the input and the results of the batch's job."""

    @abstractmethod
    def discard(self, job: Batch, batch: OpenAIBatch) -> None:
        """Delete the input and the results of a surplus job, except files that the batch's record names."""


class FileTransfer(Transfer):
    """Input and results are files at the resource, which count against its quota of files."""

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

    def was_withdrawn(self, job: Batch) -> bool:  # noqa: ARG002 - Azure refuses a create whose file is deleted
        return False

    def results(self, job: Batch) -> tuple[str | None, str | None]:
        return job.output_file_id or None, job.error_file_id or None

    def read(self, file_id: str) -> Iterator[bytes]:
        return self._remote.download(file_id)

    def forget(self, batch: OpenAIBatch) -> None:
        file_ids = _recorded_ids(batch)
        if batch.submit_attempts > 1 or (batch.submit_attempts and not batch.input_file_id):
            # An upload whose outcome is unknown may have left a file that the record does not name.
            file_ids |= set(self._remote.find_files(upload_name(batch), batch.created_at - CLOCK_SLACK))
        for file_id in sorted(file_ids):
            self._remote.delete_file(file_id)

    def discard(self, job: Batch, batch: OpenAIBatch) -> None:
        for file_id in (job.input_file_id, job.output_file_id, job.error_file_id):
            if file_id and file_id not in _recorded_ids(batch):
                self._remote.delete_file(file_id)


class BlobTransfer(Transfer):
    """Input and results are blobs of the app; the file ids in the record are their names."""

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
            job for job in recent if self._blobs.name(blob_address(job, "input_blob")) == batch.input_file_id
        ]

    def withdraw(self, batch: OpenAIBatch) -> dict[str, Any]:
        # The record keeps the name: a job that was created earlier is found by it.
        if batch.input_file_id:
            self._blobs.delete(batch.input_file_id)
        return {}

    def was_withdrawn(self, job: Batch) -> bool | None:
        if status_of(job) == JobStatus.VALIDATING:
            return None
        codes = {error.code for error in (job.errors.data or [])} if job.errors else set()
        return status_of(job) == JobStatus.FAILED and bool(codes & _WITHDRAWN_CODES)

    def results(self, job: Batch) -> tuple[str | None, str | None]:
        output, errors = (self._existing(blob_address(job, name)) for name in ("output_blob", "error_blob"))
        return output, errors

    def read(self, file_id: str) -> Iterator[bytes]:
        if not self._blobs.exists(file_id):
            raise Refused(MISSING_CODE, f"there is no blob {file_id}")
        return self._blobs.chunks(file_id)

    def forget(self, batch: OpenAIBatch) -> None:
        copies = self._blobs.sizes(batch_files.sent_prefix(batch.batch_id))
        for name in sorted({*copies, *_recorded_ids(batch)}):
            self._blobs.delete(name)

    def discard(self, job: Batch, batch: OpenAIBatch) -> None:
        for field in ("input_blob", "output_blob", "error_blob"):
            name = self._blobs.name(blob_address(job, field))
            if name and name not in _recorded_ids(batch):
                self._blobs.delete(name)

    def _existing(self, url: str) -> str | None:
        # Azure names both blobs for every job, even a blob that it has not written.
        name = self._blobs.name(url)
        return name if name and self._blobs.exists(name) else None


def _recorded_ids(batch: OpenAIBatch) -> set[str]:
    file_ids = (batch.input_file_id, batch.output_file_id, batch.error_file_id)
    return {file_id for file_id in file_ids if file_id}
