"""Advances jobs: does everything that is due, on the system clock or on a virtual clock.

On a virtual clock, events happen in order and at their exact times. On the system clock a thread works in
short slices, and a job with more work than fits into its duration takes longer.
"""

import threading
import time
from collections.abc import Callable

from local.openai_emulator.batches_api import Batches
from local.openai_emulator.config import EmulatorConfig
from local.openai_emulator.emulator_clock import Clock
from local.openai_emulator.files import Files
from local.openai_emulator.job_lines import JobLines
from local.openai_emulator.jobs import Job
from local.openai_emulator.lifecycle import Lifecycle

_SLICE = 0.05
_TICK = 0.02


class Worker:
    """Changes the state of jobs. Only a cancel request changes it elsewhere."""

    def __init__(
        self,
        config: EmulatorConfig,
        clock: Clock,
        files: Files,
        batches: Batches,
        lifecycle: Lifecycle,
        make_lines: Callable[[Job], JobLines],
    ) -> None:
        self._config = config
        self._clock = clock
        self._files = files
        self._batches = batches
        self._lifecycle = lifecycle
        self._make_lines = make_lines
        self._lock = threading.Lock()
        self._lines: dict[str, JobLines] = {}
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="emulator-worker", daemon=True)

    def start(self) -> None:
        """Start the thread. On a virtual clock there is none, and `catch_up` does the work."""
        if not self._clock.virtual:
            self._thread.start()

    def stop(self) -> None:
        """Finish the current slice and close the files."""
        self._stop.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        for lines in self._lines.values():
            lines.close()
        self._lines.clear()

    @property
    def alive(self) -> bool:
        """Whether the worker still works. False after an error ended its thread, which printed the error."""
        return self._clock.virtual or self._thread.is_alive()

    def wake(self) -> None:
        """Tell the thread that there may be work."""
        self._wake.set()

    def catch_up(self) -> bool:
        """Do what is due; on the system clock at most one slice. Returns True when more work is due now."""
        with self._lock:
            read = self._files.inspect_next()
            while read and self._clock.virtual:
                read = self._files.inspect_next()
            behind = self._move_jobs() if self._clock.virtual else self._move_each_job()
            behind |= self._write_lines()
            self._close_ended()
            return read or behind

    def _run(self) -> None:
        while not self._stop.is_set():
            if self.catch_up():
                continue
            self._wake.wait(_TICK if self._batches.open_jobs() else None)
            self._wake.clear()

    def _move_jobs(self) -> bool:
        """Handle due jobs one after the other, because in virtual time one job's end may admit the next."""
        while due := self._due():
            self._move(due[0])
        return False

    def _move_each_job(self) -> bool:
        moved = [self._move(job) for job in self._due()]
        return not all(moved)

    def _due(self) -> list[Job]:
        """The jobs that should have left their state by now, the most overdue first."""
        now = self._clock.now()
        times = sorted((job.next_at(self._config), job.sequence, job) for job in self._batches.open_jobs())
        return [job for at, _, job in times if at <= now]

    def _move(self, job: Job) -> bool:
        """Change a job's state. Returns False when its lines are not all written yet."""
        at = job.next_at(self._config)
        if job.status == "validating":
            self._lifecycle.validate(job, at)
        elif job.status == "in_progress":
            lines = self._lines_of(job)
            if not lines.work(job.lines_due(at), self._deadline()):
                return False
            self._lifecycle.lines_written(job, lines, at if self._clock.virtual else self._clock.now())
        else:
            started = job.in_progress_at is not None
            status = "completed" if job.status == "finalizing" else "cancelled"
            self._lifecycle.end(job, status, self._lines_of(job) if started else None, at)
        return True

    def _write_lines(self) -> bool:
        """Write the due lines of jobs in progress. Returns True when some are not written yet."""
        now = self._clock.now()
        running = [job for job in self._batches.open_jobs() if job.status == "in_progress"]
        written = [self._lines_of(job).work(job.lines_due(now), self._deadline()) for job in running]
        return not all(written)

    def _lines_of(self, job: Job) -> JobLines:
        if job.id not in self._lines:
            self._lines[job.id] = self._make_lines(job)
        return self._lines[job.id]

    def _close_ended(self) -> None:
        running = {job.id for job in self._batches.open_jobs()}
        for job_id in self._lines.keys() - running:
            self._lines.pop(job_id).close()

    def _deadline(self) -> float | None:
        return None if self._clock.virtual else time.monotonic() + _SLICE
