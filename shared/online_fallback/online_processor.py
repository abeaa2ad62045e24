"""A batch without a job: the last few requests of a run, each asked by an online call.

To the rest of the app it is a batch like any other. Submitting asks what is not answered yet, for some time,
under the batch's lease; each answer is a blob of its own at once, so that nothing that was saved is asked
again. When every request has its line, the lines are staged as those of a result file are.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from typing import Any

from shared.capacity.rate_limiter import RateLimiter
from shared.config.settings import Settings
from shared.domain import clock
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.outcome import ManifestLine
from shared.domain.product import Product
from shared.domain.states import BatchStatus
from shared.online_fallback.online_calls import OnlineCalls
from shared.openai_batch.chat_client import NotAnswered
from shared.openai_batch.request_lines import RequestLines, build_request_lines
from shared.openai_batch.result_lines import custom_id_of
from shared.openai_batch.segments import write_segments
from shared.openai_batch.submission import Save, Wait
from shared.persistence import batch_files
from shared.persistence.batch_files import FileKind
from shared.persistence.blobs import Blobs

ANSWERS = "answers of the online deployment"
# How long one step goes on asking; what is under way then is waited for.
_STEP = timedelta(minutes=2)
# Without a single answer for so long, what is left waits for the next run instead.
GIVES_UP_AFTER = timedelta(hours=1)
# One call that comes to nothing may be that request's; so many in a row are the service's.
_MOST_TROUBLES = 3
_PATIENCE_SECONDS = 10.0


@dataclass
class _Asking:
    """One step's asking, and what came of it so far."""

    batch: OpenAIBatch
    answered: int
    answered_now: int = 0
    in_a_row: int = 0
    under_way: set[Future[None]] = field(default_factory=set)
    trouble: NotAnswered | None = None
    wait_seconds: float = 0.0

    @property
    def goes_on(self) -> bool:
        return self.in_a_row < _MOST_TROUBLES and not self.batch.cancel_requested_at


class OnlineProcessor:
    """One batch's way through the online deployment, by the settings that are its own."""

    def __init__(self, settings: Settings, calls: OnlineCalls, blobs: Blobs, pace: RateLimiter) -> None:
        self._settings = settings
        self._calls = calls
        self._blobs = blobs
        self._pace = pace

    def build(self, product: Product, sent: ManifestLine) -> RequestLines:
        """The request lines of one product."""
        return build_request_lines(self._settings, product, sent)

    def submit(self, batch: OpenAIBatch, save: Save) -> Wait | None:
        """Ask what is not answered, as far as it goes without waiting long. None: all of it has its line."""
        answered = {name.rsplit("/", 1)[1] for name in self._answers(batch)}
        lines = [
            line
            for line in self._blobs.lines(batch.filename)
            if batch_files.answer_file(custom_id_of(line)) not in answered
        ]
        started = {"submitted_at": batch.submitted_at or utcnow(), "requests_done": len(answered)}
        waits = {} if batch.waits_for else {"waits_for": ANSWERS, "waits_since": utcnow()}
        asking = _Asking(save({**started, **waits}), len(answered))
        if lines and asking.goes_on:
            with ThreadPoolExecutor(self._settings.online_concurrent_calls, "online") as pool:
                self._ask(asking, lines, pool, save)
        return self._conclude(asking, len(lines) - asking.answered_now, save)

    def stage(self, batch: OpenAIBatch, prefix: str, without_missing: bool = False) -> list[str]:  # noqa: ARG002 - no answer that was saved goes missing
        """Copy the answers into segments; the answer is their names. Staging again writes the same."""
        names: list[str] = []
        for kind in (FileKind.OUTPUT, FileKind.ERRORS):
            lines = self._lines(batch_files.answers_prefix(batch.batch_id, kind))
            size = self._settings.segment_bytes
            names += write_segments(self._blobs, f"{prefix}/{kind}", lines, batch.request_count, size)
        return names

    def forget(self, batch: OpenAIBatch) -> None:
        """Delete the answers' own blobs: the segments hold them."""
        for name in self._answers(batch):
            self._blobs.delete(name)

    def _ask(self, asking: _Asking, lines: Sequence[bytes], pool: ThreadPoolExecutor, save: Save) -> None:
        until, heartbeat = utcnow() + _STEP, self._settings.submit_lease_seconds / 3
        for line in lines:
            self._collect(asking, save, 0)
            while len(asking.under_way) >= self._settings.online_concurrent_calls:
                self._collect(asking, save, heartbeat)
            if not asking.goes_on or utcnow() >= until:
                break
            turn = self._pace.take(min(_PATIENCE_SECONDS, heartbeat))
            if not turn.taken:
                asking.wait_seconds = turn.seconds
                break
            clock.sleep(turn.seconds)
            asking.under_way.add(pool.submit(self._answer, asking.batch.batch_id, line))
        while asking.under_way:
            self._collect(asking, save, heartbeat)

    def _answer(self, batch_id: str, line: bytes) -> None:
        """Ask one line, and keep what it came to."""
        answer, was_answered = self._calls.ask(line)
        kind = FileKind.OUTPUT if was_answered else FileKind.ERRORS
        name = batch_files.answers_prefix(batch_id, kind) + batch_files.answer_file(custom_id_of(line))
        self._blobs.write(name, [answer])

    def _collect(self, asking: _Asking, save: Save, seconds: float) -> None:
        """Take in the calls that are done within so many seconds, and keep the lease."""
        done, asking.under_way = wait(asking.under_way, seconds, FIRST_COMPLETED)
        for future in done:
            try:
                future.result()
            except NotAnswered as trouble:
                asking.trouble, asking.in_a_row = trouble, asking.in_a_row + 1
                if trouble.retry_after:
                    self._pace.hold(trouble.retry_after)
            else:
                asking.answered_now, asking.in_a_row = asking.answered_now + 1, 0
        asking.batch = save({"requests_done": asking.answered + asking.answered_now})

    def _conclude(self, asking: _Asking, left: int, save: Save) -> Wait | None:
        batch, trouble = asking.batch, asking.trouble
        if not left:
            save(_ended("completed"))
            return None
        if batch.cancel_requested_at:
            save(_ended("cancelled"))
            return None
        if trouble is None:
            save({"waits_for": ANSWERS, "waits_since": utcnow()})
            return Wait(ceil(asking.wait_seconds), ANSWERS)
        since = batch.waits_since
        if asking.answered_now or batch.waits_for == ANSWERS or since is None:
            since = utcnow()
        waited = utcnow() - since
        if waited >= GIVES_UP_AFTER:
            save({**_ended("expired"), "job_error": f"no answer for {waited}; at last {trouble}"})
            return None
        save({"waits_for": f"{ANSWERS} ({trouble})"[:500], "waits_since": since})
        shortest = trouble.retry_after or max(self._settings.quota_backoff_seconds, waited.total_seconds())
        return Wait(int(min(self._settings.quota_backoff_max_seconds, shortest)), ANSWERS)

    def _answers(self, batch: OpenAIBatch) -> list[str]:
        return list(self._blobs.sizes(batch_files.answers_prefix(batch.batch_id)))

    def _lines(self, prefix: str) -> Iterator[bytes]:
        for name in self._blobs.sizes(prefix):
            yield from self._blobs.lines(name)


def _ended(job_status: str) -> dict[str, Any]:
    """The batch as one whose job has ended so."""
    return {
        "status": BatchStatus.INGESTING,
        "job_status": job_status,
        "waits_for": None,
        "waits_since": None,
    }
