"""Processes a batch without a job: each of its requests is sent as an online call.

The rest of the app treats it like any other batch. Its submission sends the unanswered requests for a limited
time, under the batch's lease. Each answer is stored at once in a blob of its own, so a stored answer is never
requested again. When every request has a result line, the lines are staged like those of a result file.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from typing import Any

from shared.capacity.backoff import backoff_seconds
from shared.capacity.rate_limiter import RateLimiter
from shared.config.settings import Settings
from shared.domain import clock
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.outcome import ManifestLine
from shared.domain.product import Product
from shared.domain.states import BatchStatus, JobStatus
from shared.domain.wait_reason import NOT_WAITING, WaitReason, waiting
from shared.online_fallback.online_calls import OnlineCalls
from shared.openai_batch.chat_client import NotAnswered
from shared.openai_batch.request_lines import RequestLines, build_request_lines
from shared.openai_batch.result_lines import custom_id_of
from shared.openai_batch.segments import write_segments
from shared.openai_batch.submission import Save, Wait
from shared.persistence import batch_files
from shared.persistence.batch_files import FileKind
from shared.persistence.blobs import Blobs

_WAITS_FOR = "answers of the online deployment"
# A submission starts calls for this long, then waits for the calls in flight and returns.
_SENDING_TIME = timedelta(minutes=2)
# After this time without any answer the batch expires, and its remaining requests wait for the next run.
_GIVE_UP_AFTER = timedelta(hours=1)
# A single failed call may be the fault of its request. This many in a row are the fault of the service.
_MAX_FAILURES_IN_A_ROW = 3
# A turn of the rate limiter that is further away than this is not taken.
_LONGEST_TURN_SECONDS = 10.0


@dataclass
class _Progress:
    """The calls of one submission and their results so far."""

    batch: OpenAIBatch
    answered_before: int
    answered_now: int = 0
    failures_in_a_row: int = 0
    in_flight: set[Future[None]] = field(default_factory=set)
    last_failure: NotAnswered | None = None
    wait_seconds: float = 0.0

    @property
    def may_continue(self) -> bool:
        return self.failures_in_a_row < _MAX_FAILURES_IN_A_ROW and not self.batch.cancel_requested_at


class OnlineProcessor:
    """The steps of a batch at the online deployment. `settings` are those for online calls."""

    def __init__(
        self, settings: Settings, calls: OnlineCalls, blobs: Blobs, rate_limiter: RateLimiter
    ) -> None:
        self._settings = settings
        self._calls = calls
        self._blobs = blobs
        self._rate_limiter = rate_limiter

    def build(self, product: Product, manifest_line: ManifestLine) -> RequestLines:
        """Build the request lines of one product."""
        return build_request_lines(self._settings, product, manifest_line)

    def submit(self, batch: OpenAIBatch, save: Save) -> Wait | None:
        """Send unanswered requests for `_SENDING_TIME`.

        Returns None when the batch has ended, because every request has a result line, or the batch was
        cancelled, or the service did not answer for too long. Returns otherwise how long to wait.
        """
        answered = {name.rsplit("/", 1)[1] for name in self._answers(batch)}
        lines = [
            line
            for line in self._blobs.lines(batch.filename)
            if batch_files.answer_file(custom_id_of(line)) not in answered
        ]
        started = {"submitted_at": batch.submitted_at or utcnow(), "requests_done": len(answered)}
        waits = {} if batch.waits_for else waiting(WaitReason.POLL, _WAITS_FOR, utcnow())
        progress = _Progress(save({**started, **waits}), len(answered))
        if lines and progress.may_continue:
            with ThreadPoolExecutor(self._settings.online_concurrent_calls, "online") as pool:
                self._send_all(progress, lines, pool, save)
        return self._conclude(progress, len(lines) - progress.answered_now, save)

    def stage(self, batch: OpenAIBatch, prefix: str, without_missing: bool = False) -> list[str]:  # noqa: ARG002 - no stored answer goes missing
        """Copy the answers into segments and return their names. Staging again writes the same segments."""
        names: list[str] = []
        for kind in (FileKind.OUTPUT, FileKind.ERRORS):
            lines = self._lines(batch_files.answers_prefix(batch.batch_id, kind))
            size = self._settings.segment_bytes
            names += write_segments(self._blobs, f"{prefix}/{kind}", lines, batch.request_count, size)
        return names

    def forget(self, batch: OpenAIBatch) -> None:
        """Delete the blobs with the answers; the segments contain them."""
        for name in self._answers(batch):
            self._blobs.delete(name)

    def _send_all(
        self, progress: _Progress, lines: Sequence[bytes], pool: ThreadPoolExecutor, save: Save
    ) -> None:
        until, heartbeat = utcnow() + _SENDING_TIME, self._settings.submit_lease_seconds / 3
        for line in lines:
            self._collect(progress, save, 0)
            while len(progress.in_flight) >= self._settings.online_concurrent_calls:
                self._collect(progress, save, heartbeat)
            if not progress.may_continue or utcnow() >= until:
                break
            turn = self._rate_limiter.take(min(_LONGEST_TURN_SECONDS, heartbeat))
            if not turn.taken:
                progress.wait_seconds = turn.seconds
                break
            clock.sleep(turn.seconds)
            progress.in_flight.add(pool.submit(self._send, progress.batch.batch_id, line))
        while progress.in_flight:
            self._collect(progress, save, heartbeat)

    def _send(self, batch_id: str, line: bytes) -> None:
        """Send one request line and store its result line."""
        result_line, was_answered = self._calls.send(line)
        kind = FileKind.OUTPUT if was_answered else FileKind.ERRORS
        name = batch_files.answers_prefix(batch_id, kind) + batch_files.answer_file(custom_id_of(line))
        self._blobs.write(name, [result_line])

    def _collect(self, progress: _Progress, save: Save, seconds: float) -> None:
        """Wait at most `seconds` for a call to end, count the ended calls, and renew the lease."""
        done, progress.in_flight = wait(progress.in_flight, seconds, FIRST_COMPLETED)
        for future in done:
            try:
                future.result()
            except NotAnswered as failure:
                progress.last_failure = failure
                progress.failures_in_a_row += 1
                if failure.retry_after:
                    pause = backoff_seconds(self._settings, shortest=failure.retry_after)
                    self._rate_limiter.hold(pause)
            else:
                progress.answered_now += 1
                progress.failures_in_a_row = 0
        progress.batch = save({"requests_done": progress.answered_before + progress.answered_now})

    def _conclude(self, progress: _Progress, remaining: int, save: Save) -> Wait | None:
        """End the batch, or store and return what it waits for."""
        batch, failure = progress.batch, progress.last_failure
        if not remaining:
            save(_ended(JobStatus.COMPLETED))
            return None
        if batch.cancel_requested_at:
            save(_ended(JobStatus.CANCELLED))
            return None
        if failure is None:
            save(waiting(WaitReason.POLL, _WAITS_FOR, utcnow()))
            return Wait(ceil(progress.wait_seconds), _WAITS_FOR)
        # `waits_since` is the time of the first failure after the last answer.
        since = batch.waits_since
        if progress.answered_now or batch.waits_for == _WAITS_FOR or since is None:
            since = utcnow()
        waited = utcnow() - since
        if waited >= _GIVE_UP_AFTER:
            save(
                {
                    **_ended(JobStatus.EXPIRED),
                    "job_error": f"no answer for {waited}; the last failure: {failure}",
                }
            )
            return None
        kind = WaitReason.ACCESS if failure.is_about_access else WaitReason.BACK_OFF
        save(waiting(kind, f"{_WAITS_FOR} ({failure})"[:500], since))
        if failure.retry_after:
            return Wait(backoff_seconds(self._settings, shortest=failure.retry_after), _WAITS_FOR)
        return Wait(backoff_seconds(self._settings, waited), _WAITS_FOR)

    def _answers(self, batch: OpenAIBatch) -> list[str]:
        return list(self._blobs.sizes(batch_files.answers_prefix(batch.batch_id)))

    def _lines(self, prefix: str) -> Iterator[bytes]:
        for name in self._blobs.sizes(prefix):
            yield from self._blobs.lines(name)


def _ended(job_status: JobStatus) -> dict[str, Any]:
    """Return the changes that end the batch as if it had a job with this status."""
    return {
        "status": BatchStatus.INGESTING,
        "job_status": job_status,
        **NOT_WAITING,
    }
