"""A cancel at every step: what Azure finished is stored, the rest is not paid for, no product is lost."""

import pytest

from local.openai_emulator import Effect, Rule
from shared.batching.batch_submission import submit
from shared.domain.batch import OpenAIBatch, SubmitPhase
from shared.domain.clock import utcnow
from shared.domain.states import BatchStatus, ProductStatus
from tests.world import World


def request_cancel(world: World, batch_id: str) -> None:
    """What the cancel endpoint writes down."""

    def request(batch: OpenAIBatch) -> OpenAIBatch:
        return batch.model_copy(update={"cancel_requested_at": utcnow()})

    world.services.batches.modify(batch_id, request)


def assert_counts_add_up(world: World, batch_id: str, ids: list[str]) -> None:
    batch, ledger = world.services.batches.get(batch_id), world.emulator.ledger()
    assert batch.status in (BatchStatus.CANCELLED, BatchStatus.COMPLETED)
    assert batch.counts.total == batch.request_count
    assert batch.counts.stored == ledger["requests"]["charged"]
    assert ledger["files"]["present"] == 0
    assert all(job["status"] in ("completed", "cancelled") for job in ledger["jobs"])
    for product_id in ids:
        row, claim = world.product(product_id), world.services.contents.claim(product_id)
        assert claim is not None
        assert claim.batch_id is None
        assert row.openai_processing_status in (ProductStatus.PENDING, ProductStatus.COMPLETED)


@pytest.mark.parametrize("phase", ["created", "uploaded", "creating", "fenced", "in_progress", "finishing"])
def test_a_cancel_at_each_step(world: World, phase: str) -> None:
    ids = world.fill(2)
    batch_id = world.prepare().batch_id
    if phase == "creating":
        world.emulator.faults(Rule(on="batches.create", effect=Effect(drop="after")))
    if phase == "fenced":
        world.emulator.faults(Rule(on="batches.create", effect=Effect(drop="before")))
    if phase in ("uploaded", "creating", "fenced"):
        submit(world.services, batch_id)  # the file is uploaded, and is not processed yet
    if phase in ("creating", "fenced"):
        world.emulator.advance(1)
        submit(world.services, batch_id)
        assert world.services.batches.get(batch_id).submit_phase == SubmitPhase.CREATING
    if phase == "fenced":
        world.emulator.advance(60)
        submit(world.services, batch_id)
        assert world.services.batches.get(batch_id).submit_phase == SubmitPhase.FENCED
    if phase in ("in_progress", "finishing"):
        world.drive(batch_id, until=BatchStatus.IN_PROGRESS)
        world.emulator.advance(30 if phase == "in_progress" else 3600)
    request_cancel(world, batch_id)
    batch = world.drive(batch_id)
    assert_counts_add_up(world, batch_id, ids)
    if phase in ("created", "uploaded", "fenced"):
        assert world.emulator.ledger()["jobs"] == []
    if phase == "in_progress":
        assert 0 < batch.counts.stored < batch.request_count
    if phase == "finishing":
        assert (batch.status, batch.counts.stored) == (BatchStatus.COMPLETED, 14)


def test_a_cancelled_batch_leaves_its_products_to_the_next_run(world: World) -> None:
    ids = world.fill(2)
    batch_id = world.prepare().batch_id
    request_cancel(world, batch_id)
    world.drive(batch_id)
    again = world.drive(world.prepare().batch_id)
    assert again.counts.stored == 14
    assert {world.product(product_id).attempts for product_id in ids} == {0}
