"""Azure OpenAI cannot be used: a batch waits, names the cause, and then ends as without the fault."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from local.openai_emulator import Effect, Rule
from shared.batching.batch_submission import submit
from shared.batching.job_check import check
from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch, TransferMode
from shared.domain.clock import utcnow
from shared.domain.states import BatchStatus
from shared.domain.wait_reason import WaitReason
from shared.openai_batch.remote_batches import RemoteBatches
from shared.openai_batch.remote_errors import NoAccess
from shared.results.staging import stage
from shared.workflow.names import SUBMIT_BATCH
from shared.workflow.next_step import DONE, Step
from tests.conftest import make_settings
from tests.faults.test_submission import assert_once
from tests.world import World, make_world

CALLS = ("files.create", "files.retrieve", "batches.create", "batches.list", "batches.retrieve",
         "files.content", "files.delete")  # fmt: skip


@pytest.fixture(params=[TransferMode.FILES, TransferMode.BLOB])
def world(request: pytest.FixtureRequest, storage_settings: Settings, tmp_path: Path) -> Iterator[World]:
    settings = storage_settings.model_copy(update={"transfer_mode": request.param})
    with make_world(settings, tmp_path) as made:
        yield made


def refuse(world: World, *calls: Any, status: int = 401, times: int | None = 3) -> None:
    for call in calls:
        world.emulator.faults(Rule(on=call, effect=Effect(status=status, code=str(status)), times=times))


def drive(world: World, batch_id: str) -> tuple[OpenAIBatch, set[WaitReason | None]]:
    """Drive a batch to its end as its lifecycle does. Returns it, with the kinds of its waits on the way."""
    step, kinds, failures = Step(next=SUBMIT_BATCH, wait_seconds=0), set[WaitReason | None](), 0
    for _ in range(100):
        if step["next"] == DONE:
            return world.services.batches.get(batch_id), kinds
        world.emulator.advance(step["wait_seconds"])
        try:
            step = world.step(batch_id, step["next"])
        except NoAccess:
            failures += 1
            assert failures < 8, "its lifecycle fails"
            step = Step(next=SUBMIT_BATCH, wait_seconds=10)
        kinds.add(world.services.batches.get(batch_id).wait_kind)
    raise AssertionError("the batch does not end")


@pytest.mark.parametrize("call", CALLS)
def test_a_key_that_is_refused_at_any_call_is_a_wait(world: World, call: str) -> None:
    ids = world.fill(2)
    batch = world.prepare()
    refuse(world, call)
    if call == "batches.list":  # the search for a job whose creation lost its answer
        world.emulator.faults(Rule(on="batches.create", effect=Effect(drop="after")))
    ended, kinds = drive(world, batch.batch_id)
    assert_once(world, ids, batch.batch_id)
    assert ended.wait_kind is None
    if not world.emulator.ledger()["files"]["uploaded"] and call.startswith("files"):
        return  # with blobs there are no such calls
    assert WaitReason.ACCESS in kinds


def test_a_wrong_endpoint_is_no_missing_file(world: World) -> None:
    ids = world.fill(2)
    batch = world.prepare()
    world.drive(batch.batch_id, until=BatchStatus.INGESTING)
    refuse(world, *CALLS, status=404, times=None)
    if batch.transfer == TransferMode.FILES:  # blobs are fetched without Azure OpenAI
        with pytest.raises(NoAccess):
            stage(world.services, batch.batch_id)
        for _ in range(8):
            step = submit(world.services, batch.batch_id)
            assert step["next"] == SUBMIT_BATCH
            world.emulator.advance(step["wait_seconds"])
        assert "HTTP 404" in (world.services.batches.get(batch.batch_id).waits_for or "")
    world.emulator.clear_faults()
    ended, _ = drive(world, batch.batch_id)
    assert_once(world, ids, batch.batch_id)
    assert (ended.counts.failed, ended.stage_attempts) == (0, 0)


def test_a_deployment_that_is_not_there_at_submission_is_a_wait(world: World) -> None:
    ids = world.fill(1)
    batch = world.prepare()
    gone = Effect(status=404, code="DeploymentNotFound")
    world.emulator.faults(Rule(on="batches.create", effect=gone, times=2))
    submitted, kinds = drive(world, batch.batch_id)
    assert WaitReason.ACCESS in kinds
    assert submitted.submit_attempts == 1
    assert_once(world, ids, batch.batch_id)


def test_a_batch_that_waited_for_quota_does_not_die_of_a_wrong_key(world: World) -> None:
    ids = world.fill(1)
    batch = world.prepare()
    full = Effect(status=400, code="token_limit_exceeded")
    world.emulator.faults(Rule(on="batches.create", effect=full, times=1))
    world.emulator.faults(Rule(on="batches.create", effect=Effect(status=401), skip=1, times=3))
    ended, kinds = drive(world, batch.batch_id)
    assert {WaitReason.QUOTA, WaitReason.ACCESS} <= kinds
    assert ended.status == BatchStatus.COMPLETED
    assert_once(world, ids, batch.batch_id)


def test_a_batch_can_be_cancelled_while_the_key_is_refused_before_anything_was_sent(world: World) -> None:
    world.fill(1)
    batch = world.prepare()
    world.set(openai_api_key=SecretStr("withdrawn"))
    submit(world.services, batch.batch_id)
    requested = {"cancel_requested_at": utcnow()}
    world.services.batches.modify(batch.batch_id, lambda current: current.model_copy(update=requested))
    if batch.transfer == TransferMode.BLOB:
        return  # its copy is written, and the create may be under way: it is looked for first
    ended, _ = drive(world, batch.batch_id)
    assert ended.status == BatchStatus.CANCELLED


def test_a_pause_is_no_longer_than_the_longest_of_the_settings(world: World) -> None:
    """Case 11: Azure asks for a pause of a day."""
    world.fill(1)
    batch = world.prepare()
    day = Effect(status=429, code="429", message="Too many requests.", retry_after=86_400)
    world.emulator.faults(Rule(on="batches.create", effect=day, times=1))
    longest = world.settings.quota_backoff_max_seconds
    steps = [submit(world.services, batch.batch_id) for _ in range(2)]
    if steps[0]["wait_seconds"] <= 1:  # Azure was still processing the file
        world.emulator.advance(60)
        steps.append(submit(world.services, batch.batch_id))
    assert max(step["wait_seconds"] for step in steps) == longest
    world.drive(batch.batch_id, until=BatchStatus.IN_PROGRESS)
    world.emulator.faults(Rule(on="batches.retrieve", effect=day, times=None))
    step = check(world.services, batch.batch_id)
    assert (step["next"], step["wait_seconds"]) == ("check_batch", longest)
    assert world.services.batches.get(batch.batch_id).waits_for == "Azure OpenAI is throttling"


def _closed_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


@pytest.mark.parametrize("host", ["nobody.invalid", "127.0.0.1"])
def test_no_connection_means_that_nothing_was_sent(host: str) -> None:
    endpoint = f"http://{host}:{_closed_port()}"
    remote = RemoteBatches(make_settings().model_copy(update={"azure_openai_endpoint": endpoint}))
    with pytest.raises(NoAccess) as failed:
        remote.create_job("file", "batch")
    assert failed.value.code == "no_connection"
    with pytest.raises(NoAccess):
        remote.probe()
