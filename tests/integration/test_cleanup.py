from datetime import UTC, datetime, timedelta

from shared.domain import clock
from shared.domain.clock import utcnow
from shared.domain.states import BatchStatus, ProductStatus
from shared.monitoring.cleanup import clean_up
from tests.world import World


def test_nothing_that_is_needed_goes(world: World) -> None:
    world.fill(2)
    created, driven = world.prepare(1), world.prepare(1)
    world.drive(driven.batch_id)
    world.services.blobs.write("imports/a.csv", [b"x"])
    done = clean_up(world.services)
    assert (done.blobs, done.keys, done.freed, done.given_up) == (0, 0, 0, [])
    assert world.services.blobs.exists(created.filename)


def test_what_is_past_its_time_goes_and_what_has_not_ended_stays(world: World) -> None:
    world.fill(2)
    driven = world.prepare(1)
    world.drive(driven.batch_id)
    waiting = world.prepare(1)
    world.services.blobs.write("imports/a.csv", [b"x"])
    world.services.blobs.write("uploads/b.csv", [b"x"])
    world.services.runs.claim_key("key", "work", "run")
    # Azurite stamps blobs by the machine's clock, which is not the world's.
    future = max(datetime.now(UTC), utcnow()) + timedelta(days=31)
    with clock.use(lambda: future):
        done = clean_up(world.services)
    assert done.keys == 1
    assert done.given_up == [waiting.batch_id]
    assert not world.services.blobs.exists("imports/a.csv")
    assert not world.services.blobs.exists("uploads/b.csv")
    assert not world.services.blobs.exists(driven.filename)
    assert world.services.blobs.exists(waiting.filename)


def test_a_batch_that_was_never_submitted_is_cancelled_and_its_products_wait(world: World) -> None:
    [product_id] = world.fill(1)
    batch = world.prepare()
    world.emulator.advance(31 * 86400)
    assert clean_up(world.services).given_up == [batch.batch_id]
    after = world.drive(batch.batch_id)
    assert (after.status, after.counts.by_outcome) == (BatchStatus.CANCELLED, {"cancelled": 7})
    row = world.product(product_id)
    assert (row.openai_processing_status, row.attempts) == (ProductStatus.PENDING, 0)
    assert world.emulator.ledger()["jobs"] == []


def test_a_product_whose_batch_has_ended_without_it_is_freed(world: World) -> None:
    [product_id] = world.fill(1)
    batch = world.prepare()
    world.services.batches.modify(
        batch.batch_id,
        lambda b: b.model_copy(update={"status": BatchStatus.CANCELLED, "completed_at": utcnow()}),
    )
    world.services.summaries.recompute("electric-guitars")
    assert clean_up(world.services).freed == 1
    claim = world.services.contents.claim(product_id)
    assert claim is not None
    assert claim.batch_id is None
    assert world.product(product_id).openai_processing_status == ProductStatus.PENDING
    assert clean_up(world.services).freed == 0
