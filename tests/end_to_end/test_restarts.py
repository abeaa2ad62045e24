"""The host is killed with -9 at a state of a batch: it continues where it was, and nothing is paid for twice.

Each test works on a category of its own. It kills when the state is reached, and checks by the record that
the kill came in time.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from shared.content.locales import LOCALES
from shared.domain.batch import OpenAIBatch, SubmitPhase
from shared.domain.states import BatchStatus
from tests.end_to_end.conftest import Json, Machine, running_machine

# Longer than a test looks for: the call is under way until the kill.
HELD_SECONDS = 30
PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Moment:
    """A state in which the host is killed; `held` is the call to Azure OpenAI that keeps the batch there."""

    name: str
    status: BatchStatus
    phase: SubmitPhase = SubmitPhase.NONE
    held: Json | None = None
    # By the emulator's ledger: what the held call has done by then.
    is_done: Callable[[Json, str], bool] = lambda _ledger, _batch_id: True
    # More products take longer to build.
    products: int = 3

    def is_reached(self, batch: OpenAIBatch) -> bool:
        return (batch.status, batch.submit_phase) == (self.status, self.phase)


def hang(call: str) -> Json:
    """The call is carried out, and its answer does not come."""
    return {"on": call, "effect": {"hang": HELD_SECONDS}}


def has_file(ledger: Json, _: str) -> bool:
    return bool(ledger["files"]["present"])


def jobs_of(ledger: Json, batch_id: str) -> list[Json]:
    return [job for job in ledger["jobs"] if job["metadata"]["batch_id"] == batch_id]


def has_job(ledger: Json, batch_id: str) -> bool:
    return bool(jobs_of(ledger, batch_id))


MOMENTS = (
    Moment("building", BatchStatus.BUILDING, products=60),
    Moment("uploading", BatchStatus.SUBMITTING, SubmitPhase.UPLOADING, hang("files.create"), has_file),
    Moment("creating", BatchStatus.SUBMITTING, SubmitPhase.CREATING, hang("batches.create"), has_job),
    Moment("waiting", BatchStatus.IN_PROGRESS),
    Moment("ingesting", BatchStatus.INGESTING, held=hang("files.content")),
)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUBMIT_LEASE_SECONDS", "10")
        patch.setenv("SUBMIT_GRACE_SECONDS", "1")
        patch.setenv("POLL_MAX_SECONDS", "1")
        with running_machine(tmp_path_factory.mktemp("machine"), job_seconds=2.0) as made:
            yield made


def until(reached: Callable[[], bool], what: str) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < give_up, f"{what} was not reached in {PATIENCE_SECONDS} seconds"
        time.sleep(0.005)


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name)
def test_a_host_that_is_killed_continues_and_pays_once(machine: Machine, moment: Moment) -> None:
    category = f"killed-{moment.name}"
    names = [f"Ardena {category} {number}" for number in range(moment.products)]
    rows = "".join(f"{category}-{number},{name},{category}\n" for number, name in enumerate(names))
    path = machine.settings.data / f"{category}.csv"
    path.write_text(f"sku,name,category\n{rows}", encoding="utf-8")
    assert machine.client.import_file(path)["created"] == moment.products
    if moment.held:
        machine.faults(moment.held)
    run_id = machine.client.pipeline(0, [category])["run_id"]

    def batches() -> list[OpenAIBatch]:
        return machine.services.batches.page(10, keep=lambda batch: batch.run_id == run_id)

    until(lambda: any(map(moment.is_reached, batches())), moment.name)
    [batch] = batches()
    if moment.held:
        until(lambda: moment.is_done(machine.ledger(), batch.batch_id), f"the end of {moment.held}")
    machine.kill_host()
    [batch] = batches()
    assert moment.is_reached(batch), f"the kill came too late: {batch}"

    machine.no_faults()
    machine.start_host()
    ended = machine.client.follow_run(run_id, lambda _: None, interval=0.2)
    assert ended["run"]["status"] == "completed"
    assert ended["run"]["counts"]["by_outcome"] == {"stored": moment.products}
    ledger = machine.ledger()
    answered = {name: ledger["products"].get(name) for name in names}
    assert answered == {name: dict.fromkeys(LOCALES, 1) for name in names}
    assert [job["status"] for job in jobs_of(ledger, batch.batch_id)] == ["completed"]
    assert ledger["files"]["present"] == 0
