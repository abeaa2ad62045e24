"""Azure OpenAI's files and batches, with the answers that matter told apart.

    RemoteError
     ├── Refused       Azure said no, and nothing happened; `code` says why
     │    └── QuotaFull   the enqueued-token quota is full: wait and try again
     ├── Throttled     429 or 503 with nothing done; `retry_after` in seconds
     └── OutcomeUnknown   the call may or may not have been carried out: look before trying again

Sources: learn.microsoft.com "Getting started with Azure OpenAI batch deployments"; the openai SDK retries
POST without an idempotency key, so uploads and creates run with no retries here.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice, takewhile
from typing import IO, Literal, NoReturn, cast
from urllib.parse import urlsplit

import openai
from openai.types import Batch

from shared.config.settings import Settings
from shared.openai_batch.openai_client import azure_message, make_client, retry_after_seconds
from shared.persistence.batch_files import batch_of_sent

DOWNLOAD_BYTES = 1024 * 1024
_PAGE = 100
_FILES_PAGE = 10_000

MISSING_CODE = "404"
QUOTA_CODE = "token_limit_exceeded"
METADATA_KEY = "batch_id"


def batch_id_of(job: Batch) -> str | None:
    """The batch that a job was created for, where it is one of an app like this.

    A job over blobs has no metadata; there the name of its input says it.
    """
    named = (job.metadata or {}).get(METADATA_KEY)
    if named is not None:
        return named
    _, _, path = urlsplit(blob_said(job, "input_blob")).path.partition("/batches/")
    return batch_of_sent(f"batches/{path}")


def blob_said(job: Batch, name: str) -> str:
    """The address of a blob in a job: a field that Azure adds and the SDK's model does not know."""
    value = (job.model_extra or {}).get(name)
    return value if isinstance(value, str) else ""


class RemoteError(Exception):
    """Something that a call to Azure OpenAI can come to; the text holds no secret."""


class Refused(RemoteError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}" if code else message)
        self.code = code


class QuotaFull(Refused):
    """The deployment's enqueued tokens are used up for now."""


class Throttled(RemoteError):
    def __init__(self, retry_after: int, message: str) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OutcomeUnknown(RemoteError):
    """The connection broke or timed out: the call may have been carried out."""


class RemoteBatches:
    """The calls that the app makes to Azure OpenAI, synchronous and safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._client = make_client(settings)
        self._once = self._client.with_options(max_retries=0)
        self._settings = settings

    def upload(self, filename: str, file: IO[bytes]) -> str:
        """Upload a batch input file; the answer is its id. It may still have to be processed."""
        with _translated():
            uploaded = self._once.files.create(
                file=(filename, file, "application/jsonl"),
                purpose="batch",
                expires_after={"anchor": "created_at", "seconds": self._settings.input_file_expiry_seconds},
            )
        return uploaded.id

    def file_status(self, file_id: str) -> Literal["pending", "processed", "error", "gone"]:
        """How far Azure is with an uploaded file."""
        try:
            with _translated():
                status = str(self._client.files.retrieve(file_id).status).lower()
        except Refused as refusal:
            if refusal.code == MISSING_CODE:
                return "gone"
            raise
        if status in ("error", "deleted", "deleting"):
            return "error"
        return "processed" if status == "processed" else "pending"

    def create_job(self, input_file_id: str, batch_id: str) -> str:
        """Create the job of a batch; the answer is its id. This costs money: never repeat it blindly."""
        # The client types the endpoint as the /v1/… literals; what matters to Azure is that it equals the
        # `url` of every line.
        endpoint = cast(Literal["/v1/chat/completions"], self._settings.request_url)
        with _translated():
            job = self._once.batches.create(
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
        """The same over blobs, given by their addresses; Azure takes no metadata there."""
        endpoint = cast(Literal["/v1/chat/completions"], self._settings.request_url)
        with _translated():
            job = self._once.batches.create(
                input_file_id=cast(str, None),  # as Azure's own example has it
                endpoint=endpoint,
                completion_window=self._settings.completion_window,
                extra_body={"input_blob": input_blob, "output_folder": {"url": output_folder}},
            )
        return job.id

    def find_jobs(self, batch_id: str, since: datetime) -> list[Batch]:
        """Jobs that carry our batch id, newest first, among those created since `since`."""
        return [job for job in self.jobs_since(since) if batch_id_of(job) == batch_id]

    def jobs_since(self, since: datetime, most: int | None = None) -> list[Batch]:
        """Jobs created since `since`, newest first, `most` at most."""
        with _translated():
            recent = takewhile(
                lambda job: job.created_at >= since.timestamp(), self._client.batches.list(limit=_PAGE)
            )
            return list(islice(recent, most))

    def job(self, job_id: str) -> Batch:
        with _translated():
            return self._client.batches.retrieve(job_id)

    def cancel(self, job_id: str) -> None:
        with _translated():
            self._client.batches.cancel(job_id)

    def download(self, file_id: str) -> Iterator[bytes]:
        """The content of a file as a stream."""
        with _translated(), self._client.files.with_streaming_response.content(file_id) as response:
            yield from response.iter_bytes(DOWNLOAD_BYTES)

    def find_files(self, filename: str, since: datetime) -> list[str]:
        """Ids of the batch input files of a name, among those uploaded since `since`."""
        found: list[str] = []
        with _translated():
            for file in self._client.files.list(purpose="batch", order="desc", limit=_FILES_PAGE):
                if file.created_at < since.timestamp():
                    break
                if file.filename == filename:
                    found.append(file.id)
        return found

    def delete_file(self, file_id: str) -> None:
        """Delete a file; one that is gone already is fine."""
        try:
            with _translated():
                self._client.files.delete(file_id)
        except Refused as refusal:
            if refusal.code != MISSING_CODE:
                raise


class _translated:  # noqa: N801 - reads as a statement where it is used
    """Turns the SDK's exceptions into ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, openai.OpenAIError):
            _raise(error)


def _raise(error: openai.OpenAIError) -> NoReturn:
    if isinstance(error, openai.APIStatusError):
        status, message = error.status_code, azure_message(error)
        if status in (429, 503):
            retry_after = retry_after_seconds(error)
            raise Throttled(30 if retry_after is None else retry_after, message) from error
        if status >= 500 or status in (408, 409):
            raise OutcomeUnknown(f"HTTP {status}: {message}") from error
        code = MISSING_CODE if status == 404 else str(error.code or status)
        raise (QuotaFull if code == QUOTA_CODE else Refused)(code, message) from error
    if isinstance(error, openai.APIConnectionError):
        raise OutcomeUnknown("the connection to Azure OpenAI broke or timed out") from error
    raise error
