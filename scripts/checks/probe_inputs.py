"""How the doctor's one line comes to Azure: as a file, or as a blob of the app's container."""

import io
from datetime import datetime
from typing import Protocol

from openai.types import Batch

from shared.openai_batch.remote_batches import RemoteBatches, blob_address
from shared.openai_batch.transfers import Readiness
from shared.persistence.blobs import Blobs


class ProbeInput(Protocol):
    """One line under a name that nobody else has."""

    def put(self, line: bytes) -> None:
        """Bring it to where Azure reads it."""

    def status(self) -> Readiness:
        """Whether a job can be made of it."""

    def create(self) -> str:
        """Create the job; the answer is its id."""

    def made(self, since: datetime) -> list[Batch]:
        """Jobs of this line; the answer to a create may be lost."""

    def left(self, job: Batch | None) -> list[str]:
        """What it and its job leave behind, by id or name."""

    def delete(self, place: str) -> None:
        """Delete one of these; absent is fine."""


class ProbeFile:
    """A file at the resource; its job is known by its metadata."""

    def __init__(self, remote: RemoteBatches, name: str) -> None:
        self._remote, self._name = remote, name
        self._file_id: str | None = None

    def put(self, line: bytes) -> None:
        self._file_id = self._remote.upload(f"{self._name}.jsonl", io.BytesIO(line))

    def status(self) -> Readiness:
        return self._remote.file_status(self._file_id or "")

    def create(self) -> str:
        return self._remote.create_job(self._file_id or "", self._name)

    def made(self, since: datetime) -> list[Batch]:
        return self._remote.find_jobs(self._name, since)

    def left(self, job: Batch | None) -> list[str]:
        files = [self._file_id, *((job.output_file_id, job.error_file_id) if job else ())]
        return [file_id for file_id in files if file_id]

    def delete(self, place: str) -> None:
        self._remote.delete_file(place)


class ProbeBlob:
    """A blob of the app's container; its job is known by the address."""

    def __init__(self, remote: RemoteBatches, name: str, blobs: Blobs) -> None:
        self._remote, self._blobs = remote, blobs
        self._blob = f"doctor/{name}.jsonl"

    def put(self, line: bytes) -> None:
        self._blobs.write(self._blob, [line])

    def status(self) -> Readiness:
        return "processed"

    def create(self) -> str:
        return self._remote.create_blob_job(self._blobs.url(self._blob), self._blobs.url())

    def made(self, since: datetime) -> list[Batch]:
        return [job for job in self._remote.jobs_since(since) if self._said(job, "input_blob") == self._blob]

    def left(self, job: Batch | None) -> list[str]:
        written = [self._said(job, name) for name in ("output_blob", "error_blob")] if job else []
        return [self._blob, *filter(None, written)]

    def delete(self, place: str) -> None:
        self._blobs.delete(place)

    def _said(self, job: Batch, name: str) -> str | None:
        return self._blobs.name(blob_address(job, name))
