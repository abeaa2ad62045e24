"""Transfer by blobs: jobs are identified by their input blob, and deleting it stops late creates."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.openai_emulator import Effect, EmulatorConfig, Rule
from shared.batching.batch_submission import submit
from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch, SubmitPhase, TransferMode
from shared.domain.states import BatchStatus
from shared.openai_batch.remote_batches import RemoteBatches
from shared.openai_batch.remote_errors import OutcomeUnknown
from shared.openai_batch.transfers import BlobTransfer
from tests.faults.test_submission import assert_once, until_phase
from tests.world import JOB_SECONDS, World, make_world


@pytest.fixture
def world(storage_settings: Settings, tmp_path: Path) -> Iterator[World]:
    settings = storage_settings.model_copy(update={"transfer_mode": TransferMode.BLOB})
    with make_world(settings, tmp_path) as made:
        yield made


def create_again(world: World, batch: OpenAIBatch) -> str:
    blobs = world.services.blobs
    return RemoteBatches(world.settings).create_blob_job(blobs.url(batch.input_file_id or ""), blobs.url())


def lose_the_create(world: World) -> tuple[list[str], OpenAIBatch]:
    """Return products and a batch whose create was dropped: the app does not know whether a job exists."""
    ids = world.fill(2)
    batch_id = world.prepare().batch_id
    world.emulator.faults(Rule(on="batches.create", effect=Effect(drop="before")))
    return ids, until_phase(world, batch_id, SubmitPhase.CREATING)


def test_no_file_is_sent_and_no_file_is_reserved(world: World) -> None:
    ids = world.fill(2)
    batch = world.drive(world.prepare().batch_id, until=BatchStatus.IN_PROGRESS)
    assert world.services.budget.quota().reserved["files"] == 0
    assert world.services.budget.quota().reserved["tokens"] > 0
    world.drive(batch.batch_id)
    assert_once(world, ids, batch.batch_id)
    assert world.emulator.ledger()["files"]["uploaded"] == 0


def test_a_create_that_arrives_between_the_search_and_the_fence_fails_and_is_not_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Azure accepts the job after the search for it, and the input is deleted before Azure reads it."""
    ids, batch = lose_the_create(world)
    real = BlobTransfer.withdraw

    def late(self: BlobTransfer, withdrawn: OpenAIBatch) -> dict[str, Any]:
        create_again(world, withdrawn)
        return real(self, withdrawn)

    with monkeypatch.context() as patch:
        patch.setattr(BlobTransfer, "withdraw", late)
        submit(world.services, batch.batch_id)
    # The submission waits until Azure reports whether the job failed for its missing input.
    submit(world.services, batch.batch_id)
    assert world.services.batches.get(batch.batch_id).submit_phase == SubmitPhase.FENCED
    world.emulator.advance(world.settings.submit_grace_seconds)
    world.drive(batch.batch_id)
    assert_once(world, ids, batch.batch_id)
    jobs = world.emulator.ledger()["jobs"]
    assert [(job["status"], job["requests_completed"]) for job in jobs] == [("failed", 0), ("completed", 14)]


def test_a_job_that_is_found_running_after_the_fence_becomes_the_batch_s_job(world: World) -> None:
    ids, batch = lose_the_create(world)
    submit(world.services, batch.batch_id)
    assert world.services.batches.get(batch.batch_id).submit_phase == SubmitPhase.FENCED
    # Azure's list was late: the job existed and had read its input before the input was deleted.
    source = world.services.batches.get(batch.batch_id)
    world.services.blobs.write(source.input_file_id or "", world.services.blobs.chunks(source.filename))
    job_id = create_again(world, source)
    world.emulator.advance(10)
    submit(world.services, batch.batch_id)
    assert world.services.batches.get(batch.batch_id).openai_job_id == job_id
    world.drive(batch.batch_id)
    assert_once(world, ids, batch.batch_id)


def test_every_attempt_has_an_input_of_its_own(world: World) -> None:
    """So a create of the first attempt finds no input, however late it arrives."""
    ids, first = lose_the_create(world)
    world.drive(first.batch_id, until=BatchStatus.IN_PROGRESS)
    second = world.services.batches.get(first.batch_id)
    assert first.input_file_id != second.input_file_id
    create_again(world, first)
    world.drive(first.batch_id)
    assert world.services.router.cancel_surplus(world.services.batches.find) == []
    assert_once(world, ids, first.batch_id)


def test_a_surplus_job_over_blobs_is_found_and_cancelled(world: World) -> None:
    world.fill(1)
    batch = world.drive(world.prepare().batch_id, until=BatchStatus.IN_PROGRESS)
    surplus = create_again(world, batch)
    cancel = world.services.router.cancel_surplus
    assert cancel(world.services.batches.find) == [surplus]
    world.drive(batch.batch_id)
    assert cancel(world.services.batches.find) == []
    assert not [name for name in world.services.blobs.sizes("") if not name.startswith("batches/")]


def test_a_batch_keeps_the_transfer_mode_with_which_it_was_built(world: World) -> None:
    ids = world.fill(2)
    batch_id = world.prepare().batch_id
    world.set(transfer_mode=TransferMode.FILES)
    world.drive(batch_id, until=BatchStatus.IN_PROGRESS)
    world.set(transfer_mode=TransferMode.BLOB)
    world.drive(batch_id)
    assert_once(world, ids, batch_id)


def test_result_blobs_that_azure_names_but_did_not_write_are_ignored(world: World) -> None:
    """Without failed requests there is no error blob, and without successful ones no output blob."""
    world.fill(1)
    world.emulator.faults(Rule(on="request", effect=Effect(status=500), times=None))
    batch = world.drive(world.prepare().batch_id)
    assert (batch.status, batch.counts.by_outcome) == (BatchStatus.COMPLETED, {"request_failed": 7})
    assert (batch.output_file_id, batch.segments) == (
        None,
        [f"batches/{batch.batch_id}/results/errors-00000.jsonl"],
    )


def test_an_output_that_is_late_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = world.fill(1)
    batch = world.drive(world.prepare().batch_id, until=BatchStatus.IN_PROGRESS)
    world.emulator.advance(JOB_SECONDS)
    with monkeypatch.context() as patch:
        patch.setattr(BlobTransfer, "results", lambda *_: (None, None))
        world.step(batch.batch_id, "check_batch")
    assert world.services.batches.get(batch.batch_id).status == BatchStatus.IN_PROGRESS
    world.drive(batch.batch_id)
    assert_once(world, ids, batch.batch_id)


def test_a_batch_fails_with_azure_s_message_when_azure_cannot_read_the_storage(
    storage_settings: Settings, tmp_path: Path
) -> None:
    own = storage_settings.storage_connection_string.get_secret_value()
    wrong = re.sub("AccountKey=[^;]+", "AccountKey=bm90IG91cnM=", own)
    config = EmulatorConfig(data=tmp_path, port=0, job_seconds=60, storage_connection_string=wrong)
    settings = storage_settings.model_copy(update={"transfer_mode": TransferMode.BLOB})
    with make_world(settings, tmp_path, config) as world:
        [product_id] = world.fill(1)
        batch = world.drive(world.prepare().batch_id)
        assert batch.status == BatchStatus.FAILED
        assert "input_no_permissions" in (batch.error_message or "")
        assert world.product(product_id).attempts == 0


def test_a_job_whose_create_response_was_lost_is_found_by_its_input(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = world.fill(1)
    batch_id = world.prepare().batch_id
    real = RemoteBatches.create_blob_job

    def lost(*arguments: Any) -> str:
        real(*arguments)
        raise OutcomeUnknown("the answer was lost")

    with monkeypatch.context() as patch:
        patch.setattr(RemoteBatches, "create_blob_job", lost)
        submit(world.services, batch_id)
    world.drive(batch_id)
    assert_once(world, ids, batch_id)
    assert len(world.emulator.ledger()["jobs"]) == 1
