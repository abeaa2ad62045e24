"""The batches API without HTTP: create, retrieve, list and cancel, and Azure's immediate refusals.

`lifecycle` handles what fails a job later, when its input is validated.
"""

import uuid
from typing import Any

from local.openai_emulator import refusals
from local.openai_emulator.config import EmulatorConfig, TokenLimitMode
from local.openai_emulator.emulator_clock import Clock
from local.openai_emulator.emulator_store import Store
from local.openai_emulator.faults import Faults
from local.openai_emulator.files import Files
from local.openai_emulator.job_requests import WINDOW, JobRequest
from local.openai_emulator.jobs import Job
from local.openai_emulator.list_queries import ListQuery
from local.openai_emulator.own_storage import OwnStorage
from local.openai_emulator.refusals import Refusal
from local.openai_emulator.validation import InputReport, errors_of_job

_WINDOW_SECONDS = 86_400


class Batches:
    """The jobs of the resource. Every refusal is raised as `Refusal`."""

    def __init__(
        self,
        config: EmulatorConfig,
        store: Store,
        clock: Clock,
        files: Files,
        faults: Faults,
        storage: OwnStorage,
    ) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._files = files
        self._faults = faults
        self._storage = storage

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """Accept a job and return its batch object."""
        requested = JobRequest.read(body)
        if requested.input_blob is not None:
            etag = self._storage.etag(requested.input_blob)
            with self._store.transaction():
                job = self._new(requested, InputReport())
                job.input_etag = etag
                self._insert(job)
            return self.as_object(job)
        with self._store.transaction():
            report = self._files.report(requested.input_file_id or "")
            self._check_quota(report, requested.endpoint)
            job = self._new(requested, report)
            self._insert(job)
        return self.as_object(job)

    def retrieve(self, batch_id: str) -> dict[str, Any]:
        """The batch object."""
        return self.as_object(self.job(batch_id))

    def page(self, query: ListQuery) -> tuple[list[dict[str, Any]], bool]:
        """One page of batch objects, and whether there are more."""
        where = ""
        parameters: list[int] = []
        if query.after:
            where = "WHERE seq > ?" if query.ascending else "WHERE seq < ?"
            parameters.append(self.job(query.after).sequence)
        # A filter may skip any number of jobs. Without one, only one page is read.
        parameters.append(-1 if query.terms else query.limit + 1)
        rows = self._store.rows(
            f"SELECT record FROM batches {where} "  # noqa: S608 - only fixed text
            f"ORDER BY seq {'ASC' if query.ascending else 'DESC'} LIMIT ?",
            parameters,
        )
        objects = (self.as_object(Job.load(row["record"])) for row in rows)
        chosen = [each for each in objects if all(term.holds(each) for term in query.terms)]
        return chosen[: query.limit], len(chosen) > query.limit

    def cancel(self, batch_id: str) -> dict[str, Any]:
        """Request the cancellation of a job. Finished requests are kept and charged."""
        with self._store.transaction():
            job = self.job(batch_id)
            if job.status == "cancelling":
                return self.as_object(job)
            if job.status not in ("validating", "in_progress", "finalizing"):
                raise Refusal(refusals.NOT_CANCELLABLE, status=job.status)
            job.status, job.cancelling_at = "cancelling", self._clock.now()
            self.save(job)
        return self.as_object(job)

    def job(self, batch_id: str) -> Job:
        """The job with this id.

        Raises:
            Refusal: when there is none.
        """
        row = self._store.row("SELECT record FROM batches WHERE id = ?", (batch_id,))
        if row is None:
            raise Refusal(refusals.BATCH_NOT_FOUND, id=batch_id)
        return Job.load(row["record"])

    def open_jobs(self) -> list[Job]:
        """The jobs that have not ended, oldest first."""
        rows = self._store.rows("SELECT record FROM batches WHERE open ORDER BY seq")
        return [Job.load(row["record"]) for row in rows]

    def save(self, job: Job) -> None:
        """Write a job's record, in the caller's transaction if there is one."""
        self._store.execute(
            "UPDATE batches SET open = ?, deployment = ?, enqueued_tokens = ?, record = ? WHERE id = ?",
            (job.open, job.deployment, job.tokens, job.dump(), job.id),
        )

    def enqueued(self, deployment: str, before: int | None = None) -> int:
        """Input tokens of a deployment's open jobs; with `before`, only of those with a lower number."""
        row = self._store.row(
            "SELECT COALESCE(SUM(enqueued_tokens), 0) AS tokens FROM batches "
            "WHERE open AND deployment = ? AND (? IS NULL OR seq < ?)",
            (deployment, before, before),
        )
        return int(row["tokens"]) if row else 0

    def as_object(self, job: Job) -> dict[str, Any]:
        """The batch object of a job."""
        progress = self._store.row("SELECT completed, failed FROM progress WHERE job_id = ?", (job.id,))
        completed, failed = (progress["completed"], progress["failed"]) if progress else (0, 0)
        return job.as_object(self._config, self._clock.now(), completed, failed)

    def _check_quota(self, report: InputReport, endpoint: str) -> None:
        if self._config.token_limit_mode is not TokenLimitMode.AT_CREATE:
            return
        if errors_of_job(report, endpoint, self._config):
            # The job is accepted and fails in validation, so its tokens are never enqueued.
            return
        limit = self._config.limit_of(report.model)
        if self.enqueued(report.model) + report.enqueued_tokens > limit:
            raise Refusal(refusals.TOKEN_LIMIT, limit=refusals.in_short(limit), deployment=report.model)

    def _new(self, requested: JobRequest, report: InputReport) -> Job:
        now = self._clock.now()
        row = self._store.row("SELECT COALESCE(MAX(seq), 0) + 1 AS next FROM batches")
        facts = {f"metadata.{key}": value for key, value in (requested.metadata or {}).items()}
        effects = self._faults.effects_for("job", {"deployment": report.model, **facts})
        return Job(
            id=f"batch_{uuid.uuid4()}",
            sequence=int(row["next"]) if row else 1,
            endpoint=requested.endpoint,
            completion_window=WINDOW,
            input_file_id=requested.input_file_id,
            metadata=requested.metadata,
            created_at=now,
            expires_at=now + _WINDOW_SECONDS,
            seconds=effects.get("job_seconds", self._config.job_seconds),
            deployment=report.model,
            tokens=report.enqueued_tokens,
            output_expiry_seconds=requested.output_expiry_seconds,
            input_blob=requested.input_blob,
            output_folder=requested.output_folder,
            effects=effects,
        )

    def _insert(self, job: Job) -> None:
        with self._store.transaction() as connection:
            connection.execute(
                "INSERT INTO batches (seq, id, open, deployment, enqueued_tokens, record) "
                "VALUES (?, ?, 1, ?, ?, ?)",
                (job.sequence, job.id, job.deployment, job.tokens, job.dump()),
            )
            connection.execute(
                "INSERT INTO progress (job_id, output_file_id, error_file_id) VALUES (?, ?, ?)",
                (job.id, f"file-{uuid.uuid4()}", f"file-{uuid.uuid4()}"),
            )
            self._faults.save(connection)
