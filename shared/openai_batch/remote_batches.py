"""Files and batch jobs at Azure OpenAI.

The openai SDK repeats POST without an idempotency key. Uploads and creates therefore run without retries.
Source: learn.microsoft.com, "Getting started with Azure OpenAI batch deployments".
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice, takewhile
from typing import IO, Literal, cast
from urllib.parse import urlsplit

from openai.types import Batch

from shared.config.settings import Settings
from shared.openai_batch.openai_client import make_client
from shared.openai_batch.remote_errors import MISSING_CODE, Refused, translated_errors
from shared.persistence.batch_files import batch_of_sent

DOWNLOAD_BYTES = 1024 * 1024
_PAGE = 100
_FILES_PAGE = 10_000
_PROBE_TIMEOUT_SECONDS = 5.0

METADATA_KEY = "batch_id"


def batch_id_of(job: Batch) -> str | None:
    """Return the id of the batch that a job was created for; None for a job that this app did not create.

    A job over blobs has no metadata: the name of its input blob contains the id.
    """
    batch_id = (job.metadata or {}).get(METADATA_KEY)
    if batch_id is not None:
        return batch_id
    _, _, path = urlsplit(blob_address(job, "input_blob")).path.partition("/batches/")
    return batch_of_sent(f"batches/{path}")


def status_of(job: Batch) -> str:
    """The state of a job in lower case, to compare with `JobStatus`: Azure's spelling is not certain."""
    return str(job.status).lower()


def blob_address(job: Batch, field: str) -> str:
    """Return the address in a job's field `input_blob`, `output_blob` or `error_blob`, or "".

    Azure adds these fields; the SDK's model does not declare them.
    """
    value = (job.model_extra or {}).get(field)
    return value if isinstance(value, str) else ""


class RemoteBatches:
    """The calls on files and jobs, synchronous and safe to share between threads.

    Each of them raises a `RemoteError` when it fails.
    """

    def __init__(self, settings: Settings) -> None:
        self._client = make_client(settings)
        self._client_without_retries = self._client.with_options(max_retries=0)
        self._settings = settings

    def probe(self) -> None:
        """Make one small call, to find out whether the resource can be used at all."""
        with translated_errors():
            self._client_without_retries.with_options(timeout=_PROBE_TIMEOUT_SECONDS).batches.list(limit=1)

    @contextmanager
    def _on_object(self) -> Iterator[None]:
        """Translated errors of a call on a file or a job.

        A 404 is about the object only when the resource knows other paths. With a wrong endpoint every call
        is answered by 404, and nothing is known about the object.
        """
        try:
            with translated_errors(names_object=True):
                yield
        except Refused as refusal:
            if refusal.code == MISSING_CODE:
                self.probe()
            raise

    def upload(self, filename: str, file: IO[bytes]) -> str:
        """Upload a batch input file and return its id. Azure may still have to process the file."""
        with translated_errors():
            uploaded = self._client_without_retries.files.create(
                file=(filename, file, "application/jsonl"),
                purpose="batch",
                expires_after={"anchor": "created_at", "seconds": self._settings.input_file_expiry_seconds},
            )
        return uploaded.id

    def file_status(self, file_id: str) -> Literal["pending", "processed", "error", "gone"]:
        """Return how far Azure has processed an uploaded file; "gone" when there is no such file."""
        try:
            with self._on_object():
                status = str(self._client.files.retrieve(file_id).status).lower()
        except Refused as refusal:
            if refusal.code == MISSING_CODE:
                return "gone"
            raise
        if status in ("error", "deleted", "deleting"):
            return "error"
        return "processed" if status == "processed" else "pending"

    def create_job(self, input_file_id: str, batch_id: str) -> str:
        """Create the job of a batch and return its id. This costs money: never repeat it blindly."""
        # The SDK's type allows only the /v1/… literals. Azure requires the `url` of the lines.
        endpoint = cast(Literal["/v1/chat/completions"], self._settings.request_url)
        with self._on_object():
            job = self._client_without_retries.batches.create(
                input_file_id=input_file_id,
                endpoint=endpoint,
                completion_window=self._settings.completion_window,
                metadata={METADATA_KEY: batch_id},
                extra_body={
                    "output_expires_after": {
                        "anchor": "created_at",
                        "seconds": self._settings.input_file_expiry_seconds,
                    }
                },
            )
        return job.id

    def create_blob_job(self, input_blob: str, output_folder: str) -> str:
        """Create a job over blobs, given by their addresses, and return its id.

        This costs money: never repeat it blindly. Azure accepts no metadata for such a job.
        """
        endpoint = cast(Literal["/v1/chat/completions"], self._settings.request_url)
        with translated_errors():
            job = self._client_without_retries.batches.create(
                input_file_id=cast(str, None),  # as in Azure's example
                endpoint=endpoint,
                completion_window=self._settings.completion_window,
                extra_body={"input_blob": input_blob, "output_folder": {"url": output_folder}},
            )
        return job.id

    def find_jobs(self, batch_id: str, since: datetime) -> list[Batch]:
        """Return a batch's jobs that were created since `since`, newest first."""
        return [job for job in self.jobs_since(since) if batch_id_of(job) == batch_id]

    def jobs_since(self, since: datetime, limit: int | None = None) -> list[Batch]:
        """Return the jobs created since `since`, newest first, at most `limit` of them."""
        with translated_errors():
            recent = takewhile(
                lambda job: job.created_at >= since.timestamp(), self._client.batches.list(limit=_PAGE)
            )
            return list(islice(recent, limit))

    def job(self, job_id: str) -> Batch:
        with self._on_object():
            return self._client.batches.retrieve(job_id)

    def cancel(self, job_id: str) -> None:
        with self._on_object():
            self._client.batches.cancel(job_id)

    def download(self, file_id: str) -> Iterator[bytes]:
        """Yield the content of a file in chunks of at most `DOWNLOAD_BYTES`."""
        with self._on_object(), self._client.files.with_streaming_response.content(file_id) as response:
            yield from response.iter_bytes(DOWNLOAD_BYTES)

    def find_files(self, filename: str, since: datetime) -> list[str]:
        """Return the ids of batch input files with this name that were uploaded since `since`."""
        found: list[str] = []
        with translated_errors():
            for file in self._client.files.list(purpose="batch", order="desc", limit=_FILES_PAGE):
                if file.created_at < since.timestamp():
                    break
                if file.filename == filename:
                    found.append(file.id)
        return found

    def delete_file(self, file_id: str) -> None:
        """Delete a file. A missing file is no error."""
        try:
            with self._on_object():
                self._client.files.delete(file_id)
        except Refused as refusal:
            if refusal.code != MISSING_CODE:
                raise
