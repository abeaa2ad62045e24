"""A job's state changes: validation, running, and the end with its files, blobs and event.

Each state change is one transaction. It does nothing if the job was cancelled after it was read. Everything
before the transaction can be repeated after kill -9.
"""

from typing import Any

from local.openai_emulator import refusals
from local.openai_emulator.batches_api import Batches
from local.openai_emulator.config import EmulatorConfig
from local.openai_emulator.emulator_store import Store
from local.openai_emulator.file_records import NewFile
from local.openai_emulator.files import Files
from local.openai_emulator.job_lines import JobLines
from local.openai_emulator.jobs import ERROR_BLOB, OUTPUT_BLOB, Job, blob_in
from local.openai_emulator.own_storage import Modified, NoPermission, OwnStorage
from local.openai_emulator.refusals import Documented, job_error
from local.openai_emulator.validation import InputReport, errors_of_job, inspect
from local.openai_emulator.webhook_delivery import Webhooks

_UNRUN = {"cancelled": refusals.BATCH_CANCELLED, "expired": refusals.BATCH_EXPIRED}


class Lifecycle:
    """Changes the state of jobs. The caller gives the time of each change, in Unix seconds."""

    def __init__(
        self,
        config: EmulatorConfig,
        store: Store,
        files: Files,
        batches: Batches,
        storage: OwnStorage,
        webhooks: Webhooks,
    ) -> None:
        self._config = config
        self._store = store
        self._files = files
        self._batches = batches
        self._storage = storage
        self._webhooks = webhooks

    def fail_orphans(self, at: float) -> None:
        """Fail running jobs whose deployment no longer exists, for example after a restart with others."""
        for job in self._batches.open_jobs():
            if job.status != "validating" and self._config.deployment(job.deployment) is None:
                self._fail(job, [job_error(refusals.MODEL_NOT_FOUND)], at)

    def validate(self, job: Job, at: float) -> None:
        """Start a job, or fail it if its input has errors."""
        errors: list[dict[str, Any]] = []
        report = InputReport()
        try:
            report = self._report(job)
        except Modified:
            errors = [job_error(refusals.INPUT_MODIFIED)]
        except NoPermission:
            errors = [job_error(refusals.INPUT_NO_PERMISSIONS)]
        errors = errors or errors_of_job(report, job.endpoint, self._config) or self._over_quota(job)
        if errors:
            self._fail(job, errors, at)
            return
        job.status, job.in_progress_at, job.total = "in_progress", at, report.requests
        self._save(job, "validating")

    def lines_written(self, job: Job, lines: JobLines, at: float) -> None:
        """Continue after the last line. A fault may make the job stop before all lines are written."""
        if job.input_blob is not None and self._storage.etag(job.input_blob) != job.input_etag:
            self._fail(job, [job_error(refusals.INPUT_MODIFIED)], at)
        elif "fail_at" in job.effects:
            code = job.effects.get("code", "internal_server_error")
            message = job.effects.get("message", "The job failed while it was running.")
            self._fail(job, [job_error(Documented(0, code, message))], at)
        elif "expire_at" in job.effects:
            self.end(job, "expired", lines, at)
        else:
            job.status, job.finalizing_at = "finalizing", at
            self._save(job, "in_progress")

    def end(self, job: Job, status: str, lines: JobLines | None, at: float) -> None:
        """End a job with its complete or partial results. `lines` is None when the job never started."""
        if lines is not None and status in _UNRUN:
            lines.write_unrun(_UNRUN[status])
        try:
            files = [] if lines is None else self._results(job, lines, at)
        except NoPermission as error:
            refusal = Documented(0, "invalid_request", f"The output folder cannot be written: {error}.")
            self._fail(job, [job_error(refusal)], at)
            return
        before = job.status
        job.status = status
        setattr(job, f"{status}_at", at)
        self._save(job, before, files)

    def _report(self, job: Job) -> InputReport:
        """Returns the report of the input. An input blob is copied and read first.

        Raises:
            Modified: when the input blob is not the one that was submitted.
            NoPermission: when it cannot be read.
        """
        if job.input_blob is None:
            row = self._store.row("SELECT report FROM files WHERE id = ?", (job.input_file_id,))
            if row is None:
                raise LookupError(f"job {job.id} has no input file")
            return InputReport.load(row["report"])
        if job.input_etag is None:
            raise NoPermission(job.input_blob)
        path = self._store.file_path(job.input_key)
        self._storage.fetch(job.input_blob, job.input_etag, path)
        report = inspect(path, self._config)
        if path.stat().st_size > self._config.max_blob_bytes:
            report.add(job_error(refusals.BLOB_TOO_LARGE, maximum=self._config.max_blob_bytes))
        job.deployment, job.tokens = report.model, report.enqueued_tokens
        return report

    def _over_quota(self, job: Job) -> list[dict[str, Any]]:
        limit = self._config.limit_of(job.deployment)
        if self._batches.enqueued(job.deployment, job.sequence) + job.tokens <= limit:
            return []
        short = refusals.in_short(limit)
        return [job_error(refusals.TOKEN_LIMIT_JOB, limit=short, deployment=job.deployment)]

    def _results(self, job: Job, lines: JobLines, at: float) -> list[NewFile]:
        """Set the ids of a job's result files and return the files, or write its blobs."""
        output_bytes, error_bytes = lines.sizes()
        if job.output_folder is not None:
            for name, file_id, size in (
                (OUTPUT_BLOB, lines.output_file_id, output_bytes),
                (ERROR_BLOB, lines.error_file_id, error_bytes),
            ):
                if size:
                    url = blob_in(job.output_folder, job.output_name(name))
                    self._storage.save(url, self._store.file_path(file_id))
            return []
        # An error file is named even if it is empty; an output file only if it is not.
        job.output_file_id = lines.output_file_id if output_bytes else None
        job.error_file_id = lines.error_file_id
        return [
            NewFile(
                id=file_id,
                filename=f"{job.id}_{name}.jsonl",
                purpose="batch_output",
                size=size,
                created_at=at,
                ready_at=at,
                expiry_seconds=job.output_expiry_seconds,
            )
            for name, file_id, size in (
                ("output", job.output_file_id, output_bytes),
                ("error", job.error_file_id, error_bytes),
            )
            if file_id
        ]

    def _fail(self, job: Job, errors: list[dict[str, Any]], at: float) -> None:
        before = job.status
        job.status, job.failed_at, job.errors = "failed", at, errors
        self._save(job, before)

    def _save(self, job: Job, before: str, files: list[NewFile] | None = None) -> None:
        """Write a state change. At the job's end, also announce its event."""
        with self._store.transaction() as connection:
            if self._batches.job(job.id).status != before:
                return
            self._batches.save(job)
            for file in files or []:
                self._files.add(connection, file)
            if not job.open:
                self._webhooks.announce(connection, job)
        if not job.open:
            self._clean(job)

    def _clean(self, job: Job) -> None:
        self._files.unlink_deleted()
        if job.input_blob is not None:
            self._store.file_path(job.input_key).unlink(missing_ok=True)
