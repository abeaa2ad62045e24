"""Work whose orchestration fails again and again ends as failed, of every kind, and says why."""

import asyncio
from typing import Any

import pytest
from azure.durable_functions import OrchestrationRuntimeStatus
from azure.durable_functions.models.DurableOrchestrationStatus import DurableOrchestrationStatus

from shared.domain.clock import utcnow
from shared.domain.run import ImportReport, Run
from shared.domain.states import BatchStatus, RunStatus
from shared.domain.task import Export, Requeueing
from shared.monitoring.restart_limit import MAX_RESTARTS, fail_run
from tests.world import World
from triggers.timers.reconcile_timer import needs_lifecycle
from triggers.timers.restarts import Kind, kinds_of_work, restart

NOUNS = ("import", "requeueing", "export", "run")


def made(noun: str) -> Any:
    """A new record of a kind of work."""
    if noun == "import":
        return ImportReport(import_id="1", format="csv", blob="b", created_at=utcnow())
    if noun == "requeueing":
        return Requeueing(requeueing_id="1", created_at=utcnow())
    if noun == "export":
        return Export(export_id="1", created_at=utcnow())
    return Run(run_id="1", created_at=utcnow())


class Client:
    """A host's durable client, of which every started orchestration fails at once, or none does."""

    def __init__(self, status: str) -> None:
        self.status = status
        self.started = 0

    async def start_new(self, *_: Any) -> str:
        if self.status == "Running" and self.started:
            raise RuntimeError("Instance already exists.")
        self.started += 1
        return "id"

    async def get_status(self, _: str) -> DurableOrchestrationStatus:
        return DurableOrchestrationStatus(runtimeStatus=OrchestrationRuntimeStatus(self.status))


def kind_of(world: World, noun: str) -> Kind:
    [kind] = [kind for kind in kinds_of_work(world.services) if kind.noun == noun]
    return kind


@pytest.mark.parametrize("noun", NOUNS)
def test_after_ten_restarts_it_fails_and_says_why(world: World, noun: str) -> None:
    kind, client = kind_of(world, noun), Client("Failed")
    kind.records.create(made(noun))
    for _ in range(MAX_RESTARTS + 3):
        asyncio.run(restart(client, world.services, kind, "1"))
    record = kind.records.get("1")
    assert (client.started, record.restarts, record.status) == (MAX_RESTARTS, MAX_RESTARTS, "failed")
    assert "started 10 times and failed each time" in record.error_message
    assert record.completed_at is not None
    assert kind.records.open_ids() == []


@pytest.mark.parametrize("noun", NOUNS)
def test_one_that_runs_is_neither_counted_nor_failed(world: World, noun: str) -> None:
    kind, client = kind_of(world, noun), Client("Running")
    kind.records.create(made(noun).model_copy(update={"restarts": MAX_RESTARTS - 1}))
    for _ in range(5):
        asyncio.run(restart(client, world.services, kind, "1"))
    record = kind.records.get("1")
    assert (client.started, record.restarts) == (1, MAX_RESTARTS)
    assert not record.status.is_terminal


def test_batches_of_a_run_that_failed_are_submitted_and_other_runs_can_prepare(world: World) -> None:
    world.fill(1)
    batch = world.prepare()
    world.services.runs.modify(batch.run_id, lambda run: run.model_copy(update={"restarts": MAX_RESTARTS}))
    assert fail_run(world.services, batch.run_id).status == RunStatus.FAILED
    assert needs_lifecycle(world.services, batch)
    assert world.drive(batch.batch_id).status == BatchStatus.COMPLETED
    assert fail_run(world.services, batch.run_id).completed_at is not None
