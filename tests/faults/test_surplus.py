"""A job with the id of a batch that is not the batch's job is cancelled and its file deleted. Others stay."""

from shared.domain.states import BatchStatus
from shared.openai_batch.remote_batches import RemoteBatches
from tests.world import World


def another_job(world: World, batch_id: str) -> str:
    """A job for a batch, from a file of its own."""
    remote = RemoteBatches(world.settings)
    batch = world.services.batches.get(batch_id)
    with world.services.blobs.open(batch.filename) as file:
        file_id = remote.upload("surplus.jsonl", file)  # type: ignore[arg-type]
    world.emulator.advance(1)
    return remote.create_job(file_id, batch_id)


def look(world: World) -> list[str]:
    return world.services.router.cancel_surplus(world.services.batches.find)


def states(world: World) -> dict[str, str]:
    return {job["id"]: job["status"] for job in world.emulator.ledger()["jobs"]}


def test_a_surplus_job_is_cancelled_and_leaves_no_file(world: World) -> None:
    world.fill(2)
    batch = world.drive(world.prepare().batch_id, until=BatchStatus.IN_PROGRESS)
    surplus = another_job(world, batch.batch_id)
    assert look(world) == [surplus]
    assert look(world) == []
    batch = world.drive(batch.batch_id)
    assert batch.counts.stored == 14
    assert (states(world)[surplus], states(world)[batch.openai_job_id or ""]) == ("cancelled", "completed")
    look(world)
    assert world.emulator.ledger()["files"]["present"] == 0


def test_a_job_while_its_batch_is_being_submitted_is_left_to_the_submission(world: World) -> None:
    world.fill(1)
    batch = world.prepare()
    job = another_job(world, batch.batch_id)
    assert look(world) == []
    assert states(world)[job] == "validating"


def test_a_job_of_another_app_is_left_alone(world: World) -> None:
    world.fill(1)
    batch = world.drive(world.prepare().batch_id, until=BatchStatus.IN_PROGRESS)
    remote = RemoteBatches(world.settings)
    with world.services.blobs.open(batch.filename) as file:
        file_id = remote.upload("theirs.jsonl", file)  # type: ignore[arg-type]
    world.emulator.advance(1)
    theirs = remote.create_job(file_id, "a-batch-of-theirs")
    assert look(world) == []
    assert states(world)[theirs] == "validating"
