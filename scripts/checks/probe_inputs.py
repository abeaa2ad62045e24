"""The input of the doctor's job of one line: a file at the resource, or a blob in the app's container."""

import io
from datetime import datetime
from typing import Protocol

from openai.types import Batch

from shared.openai_batch.remote_batches import RemoteBatches, blob_address
from shared.openai_batch.transfers import Readiness
from shared.persistence.blobs import Blobs


class ProbeInput(Protocol):
    """One line under a unique name."""

    def put(self, line: bytes) -> None:
        """Store it where Azure reads it."""

    def status(self) -> Readiness:
        """Whether a job can be created from it."""

    def create(self) -> str:
        """Create the job. Returns its id."""

    def jobs(self, since: datetime) -> list[Batch]:
        """The jobs with this input that were created at `since` or later."""

    def leftovers(self, job: Batch | None) -> list[str]:
        """The ids or names of what it and its job left behind."""

    def delete(self, place: str) -> None:
        """Delete one of these. One that is absent is ignored."""


class ProbeFile:
    """A file at the resource. Its job is found by its metadata."""

    def __init__(self, remote: RemoteBatches, name: str) -> None:
        self._remote, self._name = remote, name
        self._file_id: str | None = None

    def put(self, line: bytes) -> None:
        self._file_id = self._remote.upload(f"{self._name}.jsonl", io.BytesIO(line))

    def status(self) -> Readiness:
        return self._remote.file_status(self._file_id or "")

    def create(self) -> str:
        return self._remote.create_job(self._file_id or "", self._name)

    def jobs(self, since: datetime) -> list[Batch]:
        return self._remote.find_jobs(self._name, since)

    def leftovers(self, job: Batch | None) -> list[str]:
        files = [self._file_id, *((job.output_file_id, job.error_file_id) if job else ())]
        return [file_id for file_id in files if file_id]

    def delete(self, place: str) -> None:
        self._remote.delete_file(place)


class ProbeBlob:
    """A blob in the app's container. Its job is found by the blob's address."""

    def __init__(self, remote: RemoteBatches, name: str, blobs: Blobs) -> None:
        self._remote, self._blobs = remote, blobs
        self._blob = f"doctor/{name}.jsonl"

    def put(self, line: bytes) -> None:
        self._blobs.write(self._blob, [line])

    def status(self) -> Readiness:
        return "processed"

    def create(self) -> str:
        return self._remote.create_blob_job(self._blobs.url(self._blob), self._blobs.url())

    def jobs(self, since: datetime) -> list[Batch]:
        recent = self._remote.jobs_since(since)
        return [job for job in recent if self._name_in(job, "input_blob") == self._blob]

    def leftovers(self, job: Batch | None) -> list[str]:
        written = [self._name_in(job, field) for field in ("output_blob", "error_blob")] if job else []
        return [self._blob, *filter(None, written)]

    def delete(self, place: str) -> None:
        self._blobs.delete(place)

    def _name_in(self, job: Batch, field: str) -> str | None:
        return self._blobs.name(blob_address(job, field))
