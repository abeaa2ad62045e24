"""Moves jobs on: what is due by now is done, whether time passed on the machine or on a virtual clock.

On a virtual clock things happen in the order of their moments and at exactly those; on the system clock a
thread works in short slices, and a job that is more work than its duration simply takes longer.
"""

import threading
import time

from local.openai_emulator import refusals
from local.openai_emulator.batches import Batches
from local.openai_emulator.clock import Clock
from local.openai_emulator.config import EmulatorConfig
from local.openai_emulator.faults import Faults
from local.openai_emulator.files import Files
from local.openai_emulator.job_lines import JobLines
from local.openai_emulator.jobs import Job
from local.openai_emulator.refusals import job_error
from local.openai_emulator.store import Store
from local.openai_emulator.validation import InputReport, errors_of_job

_SLICE = 0.05
_TICK = 0.02


class Worker:
    """The only one that moves jobs from state to state, but for cancelling."""

    def __init__(
        self,
        config: EmulatorConfig,
        store: Store,
        clock: Clock,
        files: Files,
        batches: Batches,
        faults: Faults,
    ) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._files = files
        self._batches = batches
        self._faults = faults
        self._lock = threading.Lock()
        self._lines: dict[str, JobLines] = {}
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="emulator-worker", daemon=True)

    def start(self) -> None:
        """Begin to work as time passes; on a virtual clock nothing happens by itself."""
        if not self._clock.virtual:
            self._thread.start()

    def stop(self) -> None:
        """Finish the slice at hand and close the files."""
        self._stop.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        for lines in self._lines.values():
            lines.close()
        self._lines.clear()

    @property
    def alive(self) -> bool:
        """Whether work gets done: False after a thread died of an error, which it has printed."""
        return self._clock.virtual or self._thread.is_alive()

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def catch_up(self) -> bool:
        """Do what is due; on the system clock at most a slice of it. True: there is more to do right away."""
        with self._lock:
            read = self._files.inspect_next()
            while read and self._clock.virtual:
                read = self._files.inspect_next()
            behind = self._move_jobs()
            self._close_ended()
            return read or behind

    def _run(self) -> None:
        while not self._stop.is_set():
            if self.catch_up():
                continue
            self._wake.wait(_TICK if self._batches.open_jobs() else None)
            self._wake.clear()

    def _move_jobs(self) -> bool:
        now, behind = self._clock.now(), False
        while not self._stop.is_set():
            jobs = self._batches.open_jobs()
            due = sorted(
                (job for job in jobs if job.next_at(self._config) <= now),
                key=lambda job: job.next_at(self._config),
            )
            if not due:
                break
            # In virtual time one job's end may make room for the next: strictly one after the other.
            moved = [self._move(job) for job in (due[:1] if self._clock.virtual else due)]
            behind = not all(moved)
            if not self._clock.virtual:
                break
        for job in self._batches.open_jobs():
            if job.status == "in_progress":
                behind |= not self._lines_of(job).work(job.lines_due(now), self._deadline())
        return behind

    def _move(self, job: Job) -> bool:
        """Take a job out of its state; False when its lines are not all written yet."""
        at = job.next_at(self._config)
        if job.status == "validating":
            self._validate(job, at)
        elif job.status == "in_progress":
            return self._finish_lines(job, at)
        elif job.status == "finalizing":
            self._end(job, "completed", at)
        else:
            self._end(job, "cancelled", at)
        return True

    def _validate(self, job: Job, at: float) -> None:
        report = self._report(job)
        errors = errors_of_job(report, job.endpoint, self._config)
        limit = self._config.limit_of(job.deployment)
        if not errors and self._batches.enqueued(job.deployment, job.sequence) + job.tokens > limit:
            errors = [
                job_error(refusals.TOKEN_LIMIT_JOB, limit=refusals.in_short(limit), deployment=job.deployment)
            ]
        if errors:
            self._fail(job, errors, at)
            return
        job.status, job.in_progress_at, job.total = "in_progress", at, report.requests
        self._save(job, "validating")

    def _report(self, job: Job) -> InputReport:
        row = self._store.row("SELECT report FROM files WHERE id = ?", (job.input_file_id,))
        if row is None:
            raise LookupError(f"job {job.id} has no input file")
        return InputReport.load(row["report"])

    def _finish_lines(self, job: Job, at: float) -> bool:
        lines = self._lines_of(job)
        if not lines.work(job.lines_due(at), self._deadline()):
            return False
        if not self._clock.virtual:
            at = self._clock.now()
        if "fail_at" in job.effects:
            code = job.effects.get("code", "internal_server_error")
            message = job.effects.get("message", "The job failed while it was running.")
            error = {"code": code, "message": message, "line": None, "param": None}
            self._fail(job, [error], at)
        elif "expire_at" in job.effects:
            self._end(job, "expired", at)
        else:
            job.status, job.finalizing_at = "finalizing", at
            self._save(job, "in_progress")
        return True

    def _fail(self, job: Job, errors: list[dict[str, object]], at: float) -> None:
        before = job.status
        job.status, job.failed_at, job.errors = "failed", at, errors
        self._save(job, before)

    def _end(self, job: Job, status: str, at: float) -> None:
        """Name the files of a job that ends with results, be they all or part."""
        before = job.status
        job.status = status
        setattr(job, f"{status}_at", at)
        if job.in_progress_at is not None:
            lines = self._lines_of(job)
            if status == "cancelled":
                lines.give_up(refusals.BATCH_CANCELLED)
            elif status == "expired":
                lines.give_up(refusals.BATCH_EXPIRED)
            output_bytes, error_bytes = lines.sizes()
            # A completed job names an error file even when it is empty, and no output file when that is.
            job.output_file_id = lines.output_file_id if output_bytes else None
            job.error_file_id = lines.error_file_id
            self._save(job, before, output_bytes, error_bytes, at)
        else:
            self._save(job, before)

    def _save(
        self, job: Job, before: str, output_bytes: int = 0, error_bytes: int = 0, at: float = 0
    ) -> None:
        """Write a job's move, unless it was cancelled since it was read."""
        with self._store.transaction() as connection:
            if self._batches.job(job.id).status != before:
                return
            self._batches.save(job)
            for file_id, name, size in (
                (job.output_file_id, "output", output_bytes),
                (job.error_file_id, "error", error_bytes),
            ):
                if file_id:
                    self._files.add(
                        connection,
                        file_id,
                        f"{job.id}_{name}.jsonl",
                        "batch_output",
                        size,
                        at,
                        job.output_expiry_seconds,
                    )
        if not job.open:
            self._files.unlink_deleted()

    def _lines_of(self, job: Job) -> JobLines:
        if job.id not in self._lines:
            self._lines[job.id] = JobLines(
                self._config, self._store, self._faults, self._batches, job, self._clock.virtual
            )
        return self._lines[job.id]

    def _close_ended(self) -> None:
        running = {job.id for job in self._batches.open_jobs()}
        for job_id in self._lines.keys() - running:
            self._lines.pop(job_id).close()

    def _deadline(self) -> float | None:
        return None if self._clock.virtual else time.monotonic() + _SLICE
