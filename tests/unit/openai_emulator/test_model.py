"""Random commands in virtual time, with restarts, compared with a model of every job."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from local.openai_emulator import EmulatorConfig, ManualClock
from local.openai_emulator.emulator import Emulator
from local.openai_emulator.file_records import Upload
from local.openai_emulator.refusals import Refusal
from tests.unit.openai_emulator.client import URL, requests

# Of a job of sixty seconds: lines are written between the first two times; it is finalizing until the third.
BEGINS, WRITTEN, ENDS = 6, 54, 60
CANCELLING = 10


@dataclass
class Expected:
    """A job in the model. Times are seconds of the model."""

    count: int
    created: int
    cancelled: int | None = None

    def status(self, now: int) -> str:
        if self.cancelled is not None:
            return "cancelling" if now < self.cancelled + CANCELLING else "cancelled"
        age = now - self.created
        if age < BEGINS:
            return "validating"
        if age < WRITTEN:
            return "in_progress"
        return "finalizing" if age < ENDS else "completed"

    def done(self, now: int) -> int:
        age = (now if self.cancelled is None else min(now, self.cancelled)) - self.created
        return self.count * max(0, min(age, WRITTEN) - BEGINS) // (WRITTEN - BEGINS)


class Machine(RuleBasedStateMachine):
    """An emulator without HTTP, and the model."""

    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._clock = ManualClock()
        self._now = 0
        self._expected: dict[str, Expected] = {}
        self._open()

    def teardown(self) -> None:
        self._emulator.stop()
        self._folder.cleanup()

    @rule(target=jobs, count=st.sampled_from([1, 2, 5, 24]))
    def create(self, count: int) -> str:
        path = self._emulator.store.incoming_path("in")
        path.write_bytes(requests(count))
        file = self._emulator.files.create(Upload(path, "in.jsonl", path.stat().st_size, None), {})
        self._emulator.catch_up()
        body = {"input_file_id": file["id"], "endpoint": URL, "completion_window": "24h"}
        job_id = str(self._emulator.batches.create(body)["id"])
        self._expected[job_id] = Expected(count, self._now)
        return job_id

    @rule(seconds=st.integers(1, 40))
    def advance(self, seconds: int) -> None:
        self._now += seconds
        self._emulator.advance(seconds)

    @rule(job_id=jobs)
    def cancel(self, job_id: str) -> None:
        expected = self._expected[job_id]
        self._emulator.catch_up()
        if expected.status(self._now) in ("completed", "cancelled"):
            with pytest.raises(Refusal, match="Cannot cancel"):
                self._emulator.batches.cancel(job_id)
            return
        self._emulator.batches.cancel(job_id)
        if expected.cancelled is None:
            expected.cancelled = self._now

    @rule()
    def restart(self) -> None:
        self._emulator.stop()
        self._open()

    @invariant()
    def agrees_with_the_model(self) -> None:
        self._emulator.catch_up()
        ledger = {job["id"]: job for job in self._emulator.ledger.read()["jobs"]}
        assert ledger.keys() == self._expected.keys()
        for job_id, expected in self._expected.items():
            batch = self._emulator.batches.retrieve(job_id)
            done = expected.done(self._now)
            assert batch["status"] == expected.status(self._now)
            assert batch["request_counts"]["completed"] == done
            assert ledger[job_id]["requests_completed"] == done
            if batch["output_file_id"]:
                path, _, size = self._emulator.files.content(batch["output_file_id"])
                assert path.stat().st_size == size
                assert path.read_bytes().count(b"\n") == done
            else:
                assert done == 0 or batch["status"] not in ("completed", "cancelled")

    def _open(self) -> None:
        config = EmulatorConfig(
            data=Path(self._folder.name),
            job_seconds=ENDS,
            pending_seconds=0,
            cancelling_seconds=CANCELLING,
        )
        self._emulator = Emulator(config, self._clock)
        self._emulator.start()


TestModel = Machine.TestCase
TestModel.settings = settings(max_examples=15, stateful_step_count=25)
