"""A cancel between reading a job and writing its next state: the cancel wins."""

from collections.abc import Iterator

import pytest

from local.openai_emulator import EmulatorConfig, ManualClock
from local.openai_emulator.emulator import Emulator
from local.openai_emulator.file_records import Upload
from local.openai_emulator.job_lines import JobLines
from local.openai_emulator.jobs import Job
from local.openai_emulator.lifecycle import Lifecycle
from local.openai_emulator.own_storage import OwnStorage
from tests.unit.openai_emulator.client import URL, requests


@pytest.fixture
def emulator(openai_emulator_config: EmulatorConfig) -> Iterator[Emulator]:
    made = Emulator(openai_emulator_config, ManualClock())
    yield made
    made.stop()


@pytest.fixture
def lifecycle(emulator: Emulator) -> Lifecycle:
    return Lifecycle(
        emulator.config,
        emulator.store,
        emulator.files,
        emulator.batches,
        OwnStorage(None),
        emulator.webhooks,
    )


def create(emulator: Emulator) -> Job:
    path = emulator.store.incoming_path("in")
    path.write_bytes(requests(4))
    file = emulator.files.create(Upload(path, "in.jsonl", path.stat().st_size, None), {})
    emulator.advance(1)
    body = {"input_file_id": file["id"], "endpoint": URL, "completion_window": "24h"}
    return emulator.batches.job(emulator.batches.create(body)["id"])


def test_a_job_cancelled_while_it_is_validated(emulator: Emulator, lifecycle: Lifecycle) -> None:
    job = create(emulator)
    emulator.batches.cancel(job.id)
    lifecycle.validate(job, emulator.clock.now())
    assert emulator.batches.job(job.id).status == "cancelling"
    emulator.advance(10)
    assert emulator.batches.job(job.id).status == "cancelled"


def test_lines_answered_during_a_cancel_are_discarded(emulator: Emulator) -> None:
    job = create(emulator)
    emulator.advance(6)
    running = emulator.batches.job(job.id)
    lines = JobLines(emulator.config, emulator.store, emulator.faults, emulator.batches, running, True)
    emulator.batches.cancel(job.id)
    assert lines.work(4)
    assert (lines.done, lines.sizes()) == (0, (0, 0))
    lines.close()
    assert emulator.ledger.read()["requests"]["total"] == 0
