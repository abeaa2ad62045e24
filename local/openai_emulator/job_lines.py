"""The lines of one running job: answers its requests in shuffled order, in chunks, as a stream.

Bytes are appended first. Then one transaction stores the file sizes together with the ledger's rows. After
kill -9, bytes beyond the stored sizes are cut off and written again: no line is lost, duplicated or charged
twice.
"""

import random
import time
import uuid
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

import orjson

from local.openai_emulator.batches_api import Batches
from local.openai_emulator.completions import Completion, complete
from local.openai_emulator.config import Deployment, EmulatorConfig, Quirk
from local.openai_emulator.emulator_store import Store
from local.openai_emulator.faults import Faults
from local.openai_emulator.job_result_lines import answered_line, unrun_line
from local.openai_emulator.jobs import Job
from local.openai_emulator.refusals import Documented
from local.openai_emulator.request_subject import find_subject
from local.openai_emulator.validation import request_lines

# A commit takes about as long as an answer, so this many requests share one.
_CHUNK = 50
_OK = 200


@dataclass
class _Chunk:
    """The results of a few requests, before they are committed."""

    output: bytearray = field(default_factory=bytearray)
    errors: bytearray = field(default_factory=bytearray)
    completed: int = 0
    failed: int = 0
    rows: list[tuple[Any, ...]] = field(default_factory=list)


class JobLines:
    """Writes the output and error files of one job. Not thread-safe."""

    def __init__(
        self, config: EmulatorConfig, store: Store, faults: Faults, batches: Batches, job: Job, virtual: bool
    ) -> None:
        self._config = config
        self._store = store
        self._faults = faults
        self._batches = batches
        self._job = job
        self._virtual = virtual
        row = store.row("SELECT * FROM progress WHERE job_id = ?", (job.id,))
        if row is None:
            raise LookupError(f"job {job.id} has no progress")
        self.done: int = row["lines_done"]
        self.output_file_id: str = row["output_file_id"]
        self.error_file_id: str = row["error_file_id"]
        path = store.file_path(job.input_key)
        offsets = array("Q", (offset for offset, _ in request_lines(path)))
        random.Random(f"{config.seed}:{job.sequence}").shuffle(offsets)  # noqa: S311 - seeded on purpose
        self._offsets = offsets
        self._input = path.open("rb")
        self._output = self._open(self.output_file_id, row["output_bytes"])
        self._errors = self._open(self.error_file_id, row["error_bytes"])

    def close(self) -> None:
        for file in (self._input, self._output, self._errors):
            file.close()

    def work(self, until: int, deadline: float | None = None) -> bool:
        """Answer requests up to number `until`, or until `deadline` (by time.monotonic).

        Returns False when the deadline came first. A job that was cancelled in the meantime gets no more
        answers, and the result is True.

        Raises:
            LookupError: when the job's deployment is not configured.
        """
        deployment = self._config.deployment(self._job.deployment)
        if deployment is None:
            raise LookupError(f"job {self._job.id} runs on the unknown deployment {self._job.deployment!r}")
        while self.done < until:
            if deadline is not None and time.monotonic() >= deadline:
                return False
            chunk = _Chunk()
            stop = min(self.done + _CHUNK, until)
            for line in range(self.done, stop):
                self._answer(line, deployment, chunk)
            if not self._commit(chunk, stop):
                return True
        return True

    def write_unrun(self, reason: Documented) -> None:
        """Write an error line for every request that has not run. Nothing is counted or charged."""
        for line in range(self.done, len(self._offsets)):
            self._errors.write(unrun_line(self._request(line)["custom_id"], reason))
        self._errors.flush()

    def sizes(self) -> tuple[int, int]:
        """Bytes of the output and error files."""
        return self._output.tell(), self._errors.tell()

    def _open(self, file_id: str, size: int) -> IO[bytes]:
        path = self._store.file_path(file_id)
        path.touch()
        file = path.open("r+b")
        file.truncate(size)
        file.seek(size)
        return file

    def _request(self, line: int) -> dict[str, Any]:
        self._input.seek(self._offsets[line])
        request: dict[str, Any] = orjson.loads(self._input.readline())
        return request

    def _answer(self, line: int, deployment: Deployment, chunk: _Chunk) -> None:
        request = self._request(line)
        custom_id, body = request["custom_id"], request["body"]
        subject = find_subject(body.get("messages"))
        facts = {"custom_id": custom_id, "product": subject.id, "deployment": deployment.name}
        effects = self._faults.effects_for("request", facts, key=custom_id)
        created = int(self._job.line_at(line) if self._virtual else time.time())
        completion = complete(body, deployment, f"{self._config.seed}:{custom_id}", created, effects, subject)
        line_id = f"batch_req_{uuid.uuid4().hex}" if Quirk.LINE_IDS in self._config.quirks else None
        chunk.rows.append(_ledger_row(self._job.id, line, custom_id, completion))
        if completion.status == _OK:
            chunk.completed += 1
            chunk.output += _lines(custom_id, completion, effects, line_id)
        else:
            chunk.failed += 1
            chunk.errors += _lines(custom_id, completion, effects, line_id)

    def _commit(self, chunk: _Chunk, done: int) -> bool:
        """Append and count a chunk. Returns False, and does neither, when the job no longer runs."""
        with self._store.transaction() as connection:
            if self._batches.job(self._job.id).status != "in_progress":
                return False
            self._output.write(chunk.output)
            self._errors.write(chunk.errors)
            self._output.flush()
            self._errors.flush()
            connection.executemany("INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?, ?)", chunk.rows)
            connection.execute(
                "UPDATE progress SET lines_done = ?, output_bytes = ?, error_bytes = ?, "
                "completed = completed + ?, failed = failed + ? WHERE job_id = ?",
                (done, *self.sizes(), chunk.completed, chunk.failed, self._job.id),
            )
            self._faults.save(connection)
        self.done = done
        return True


def _ledger_row(job_id: str, line: int, custom_id: str, completion: Completion) -> tuple[Any, ...]:
    return (
        job_id,
        line,
        custom_id,
        completion.product,
        " ".join(completion.locales),
        completion.status,
        completion.prompt_tokens,
        completion.completion_tokens,
    )


def _lines(custom_id: str, completion: Completion, effects: Mapping[str, Any], line_id: str | None) -> bytes:
    line = answered_line(custom_id, completion, line_id)
    if effects.get("missing"):
        line = b""
    if effects.get("doubled"):
        line += line
    if effects.get("unknown"):
        line += answered_line(f"unknown-{custom_id}", completion, line_id)
    return line
