"""Checks that the deployment is of a batch type, by a job of one line that Azure must validate.

The job is cancelled as soon as Azure has accepted it, and its files are deleted. It costs nothing, or a few
tokens if it ran before it was cancelled.
"""

import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from azure.core.exceptions import AzureError
from openai.types import Batch

from scripts.checks.check_result import Check, failed, ok
from scripts.checks.probe_inputs import ProbeBlob, ProbeFile, ProbeInput
from shared.config.settings import Settings
from shared.domain.batch import TransferMode
from shared.domain.states import ENDED_JOBS, JobStatus
from shared.openai_batch.remote_batches import RemoteBatches, status_of
from shared.openai_batch.remote_errors import OutcomeUnknown, Refused, RemoteError
from shared.persistence.blobs import Blobs
from shared.persistence.storage_account import StorageAccount

BATCH = "batch deployment"

_PAUSE = 1.0
_CANCEL_SECONDS = 20.0
_OPEN = frozenset(JobStatus) - ENDED_JOBS
_MOST_TOKENS = 16
_ROLE = (
    "Give the identity the role Cognitive Services OpenAI Contributor: it may list jobs, but not create them."
)
_BLOB_ROLE = (
    "Turn on the resource's system-assigned identity, and grant it Storage Blob Data Contributor on the "
    "container (docs/deploy.md)."
)

Say = Callable[[str], None]


class _Failed(Exception):
    """The check failed. `remedy` says what to do."""

    def __init__(self, finding: str, remedy: str) -> None:
        super().__init__(finding)
        self.remedy = remedy


def check_batch_deployment(settings: Settings, patience: float, say: Say) -> Check:
    """Create a job of one line, and wait at most `patience` seconds until it is validated.

    `say` is called with the step that is waited for. `TRANSFER_MODE` decides whether the line is a file or a
    blob. For a blob the container must exist.
    """
    probe = _Probe(settings, patience, say)
    try:
        check = ok(BATCH, probe.run())
    except _Failed as failure:
        check = failed(BATCH, str(failure), failure.remedy)
    except Refused as error:
        check = failed(BATCH, str(error), _remedy(error.code, settings))
    except RemoteError as error:
        check = failed(BATCH, str(error), "Try again in a minute.")
    except AzureError as error:
        check = failed(BATCH, f"the line could not be written: {error.message}", "Check the blob storage.")
    finally:
        # Also on Ctrl+C: a job that is left at Azure would run and cost money.
        left = probe.clean_up()
    if left:
        return failed(
            BATCH, f"{check.said}; not cleaned up: {', '.join(left)}", check.remedy or "Delete it by hand."
        )
    return check


class _Probe:
    """The doctor's input and its job."""

    def __init__(self, settings: Settings, patience: float, say: Say) -> None:
        self._settings = settings
        self._remote = RemoteBatches(settings)
        self._give_up_at = time.monotonic() + patience
        self._patience = patience
        self._say = say
        self._id = f"doctor-{uuid.uuid4().hex}"
        # Azure's clock may differ from this machine's, and its times are whole seconds.
        self._since = datetime.now(UTC) - timedelta(minutes=5)
        self._input: ProbeInput = ProbeFile(self._remote, self._id)
        if settings.transfer_mode == TransferMode.BLOB:
            self._input = ProbeBlob(self._remote, self._id, Blobs(StorageAccount(settings).container))
        self._job_id: str | None = None

    def run(self) -> str:
        settings = self._settings
        self._input.put(self._line())
        self._wait_for_input()
        try:
            self._job_id = self._input.create()
        except OutcomeUnknown:
            # The job may exist and would run. When it is found, it is watched and cancelled as usual.
            found = self._input.jobs(self._since)
            if not found:
                raise
            self._job_id = found[0].id
        job = self._wait_until_validated(self._job_id)
        if status_of(job) == JobStatus.FAILED:
            error = job.errors.data[0] if job.errors and job.errors.data else None
            code, message = (error.code or "", error.message or "") if error else ("", "Azure gave no reason")
            raise _Failed(f"{code}: {message}", _remedy(code, settings))
        return f"{settings.azure_openai_deployment_name} accepted a job of one line, which was cancelled"

    def clean_up(self) -> list[str]:
        """Cancel the job and delete its files. Returns what could not be cancelled or deleted, and why."""
        left: list[str] = []
        ended = self._attempt(self._end_job, f"job {self._job_id}", left) if self._job_id else None
        for place in self._input.leftovers(ended if isinstance(ended, Batch) else None):
            self._attempt(partial(self._input.delete, place), f"file {place}", left)
        return left

    def _line(self) -> bytes:
        body = {
            "model": self._settings.azure_openai_deployment_name,
            "messages": [{"role": "user", "content": "Say ok."}],
            "max_completion_tokens": _MOST_TOKENS,
        }
        line = {"custom_id": "doctor", "method": "POST", "url": self._settings.request_url, "body": body}
        return json.dumps(line).encode() + b"\n"

    def _wait_for_input(self) -> None:
        while (status := self._input.status()) == "pending":
            self._pause("Azure reads the file")
        if status != "processed":
            raise _Failed(
                f"the state of the uploaded file is {status}",
                "Try again. If it still fails, check the resource's files.",
            )

    def _wait_until_validated(self, job_id: str) -> Batch:
        while status_of(job := self._remote.job(job_id)) == JobStatus.VALIDATING:
            self._pause("Azure validates the job")
        return job

    def _pause(self, what: str) -> None:
        if time.monotonic() > self._give_up_at:
            raise _Failed(
                f"after {self._patience:.0f} seconds still: {what}", "Try again with a longer --patience."
            )
        self._say(what)
        time.sleep(_PAUSE)

    def _end_job(self) -> Batch:
        """Cancel the job unless it has ended, and wait up to 20 seconds for its end. Its files exist then."""
        job_id = str(self._job_id)
        job = self._remote.job(job_id)
        if status_of(job) in _OPEN:
            try:
                self._remote.cancel(job_id)
            except Refused:
                self._say("the job ended before it was cancelled")
        until = time.monotonic() + _CANCEL_SECONDS
        # Azure may take ten minutes. Files that it writes later have an expiry, so Azure deletes them.
        while status_of(job := self._remote.job(job_id)) in _OPEN and time.monotonic() < until:
            time.sleep(_PAUSE)
        return job

    def _attempt(self, do: Callable[[], Any], what: str, left: list[str]) -> Any:
        try:
            return do()
        except (RemoteError, AzureError) as error:
            left.append(f"{what} ({error})")
            return None


def _remedy(code: str, settings: Settings) -> str:
    name = settings.azure_openai_deployment_name
    remedies = {
        "invalid_request": (
            f"{name} must be a deployment of type GlobalBatch or DataZoneBatch; "
            "set AZURE_OPENAI_DEPLOYMENT_NAME to one."
        ),
        "model_not_found": (
            f"There is no deployment {name}: AZURE_OPENAI_DEPLOYMENT_NAME is the name of the deployment, "
            "not of the model."
        ),
        "url_mismatch": "Set REQUEST_URL to the other form: /v1/chat/completions or /chat/completions.",
        "token_limit_exceeded": "Its queue is full. Wait until its jobs have ended, or request more quota.",
        "quotaExceeded": "The resource holds too many files. Delete old ones.",
        "input_no_permissions": _BLOB_ROLE,
        "401": _ROLE,
        "PermissionDenied": _ROLE,
    }
    return remedies.get(
        code, "Check the deployment in the Azure portal. docs/deploy.md says what it must be."
    )
