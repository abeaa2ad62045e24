"""The moment that costs money: whatever goes wrong around it, the ledger shows one job."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from activities.submit_batch import LeaseLost, submit
from local.openai_emulator import Effect, EmulatorConfig, Rule, TokenLimitMode
from shared.config.settings import Settings
from shared.content.locales import LOCALES
from shared.domain.batch import OpenAIBatch, SubmitPhase, TransferMode
from shared.domain.states import BatchStatus, ProductStatus
from shared.openai_batch.remote_batches import RemoteBatches
from shared.openai_batch.transfers import BlobTransfer, FileTransfer
from shared.persistence.record_repository import RecordRepository
from tests.world import World, make_world

TRANSFERS = {TransferMode.FILES: FileTransfer, TransferMode.BLOB: BlobTransfer}


class Killed(BaseException):
    """Simulates kill -9: the app catches no BaseException."""


@pytest.fixture(params=list(TRANSFERS))
def world(request: pytest.FixtureRequest, storage_settings: Settings, tmp_path: Path) -> Iterator[World]:
    """A world in each mode of transfer."""
    settings = storage_settings.model_copy(update={"transfer_mode": request.param})
    with make_world(settings, tmp_path) as made:
        yield made


def on_call(call: Any, times: int | None = 1, **effect: Any) -> Rule:
    return Rule(on=call, effect=Effect(**effect), times=times)


def assert_once(world: World, ids: list[str], batch_id: str) -> None:
    """Every request was answered once, by one job, and is stored; nothing is left behind at Azure."""
    ledger = world.emulator.ledger()
    [job] = [job for job in ledger["jobs"] if job["requests_completed"]]
    if world.settings.transfer_mode == TransferMode.FILES:
        assert job["metadata"] == {"batch_id": batch_id}
    else:
        assert f"/batches/{batch_id}/sent-" in job["input_blob"]
    assert ledger["products"] == {f"Ardena {product_id}": dict.fromkeys(LOCALES, 1) for product_id in ids}
    batch = world.services.batches.get(batch_id)
    assert (batch.status, batch.counts.stored) == (BatchStatus.COMPLETED, 7 * len(ids))
    assert {world.product(product_id).openai_processing_status for product_id in ids} == {
        ProductStatus.COMPLETED
    }
    assert ledger["files"]["present"] == 0
    left = world.services.blobs.sizes("")
    assert not [name for name in left if "/sent-" in name or not name.startswith("batches/")]


RULES = (
    on_call("files.create", drop="before"),
    on_call("files.create", drop="after"),
    on_call("files.create", status=500),
    on_call("files.create", status=429, retry_after=7),
    on_call("files.retrieve", status=503),
    on_call("batches.create", drop="before"),
    on_call("batches.create", drop="after"),
    on_call("batches.create", status=500),
    on_call("batches.create", status=429, retry_after=7),
    on_call("batches.list", status=500),
    on_call("batches.retrieve", drop="before", times=3),
    on_call("batches.retrieve", status=500, times=3),
    on_call("files.content", truncate=0.5),
    on_call("files.content", drop="before"),
    on_call("files.delete", drop="after"),
    on_call("job", output_delay=200),
)
# Nothing is uploaded or downloaded where Azure reads and writes blobs.
CASES = [
    (mode, rule)
    for mode in TRANSFERS
    for rule in RULES
    if mode == TransferMode.FILES or not rule.on.startswith("files.")
]


@pytest.mark.parametrize(
    ("world", "rule"),
    CASES,
    indirect=["world"],
    ids=lambda case: (
        f"{case.on}-{'-'.join(map(str, case.effect.model_dump(exclude_none=True).items()))}"
        if isinstance(case, Rule)
        else str(case)
    ),
)
def test_a_call_that_goes_wrong_is_made_up_for(world: World, rule: Rule) -> None:
    ids = world.fill(2)
    batch_id = world.prepare().batch_id
    world.emulator.faults(rule)
    for _ in range(10):
        try:
            world.drive(batch_id)
        except Exception:  # noqa: BLE001 - as the lifecycle does: it begins again at submit_batch
            world.emulator.advance(60)
            continue
        break
    assert_once(world, ids, batch_id)


@pytest.mark.parametrize("call", ["put", "create", "readiness", "jobs"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_is_killed_around_a_call_leaves_one_job(
    world: World, call: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = world.fill(2)
    batch_id = world.prepare().batch_id
    if call == "jobs":
        world.emulator.faults(on_call("batches.create", drop="after"))
    transfer = TRANSFERS[world.settings.transfer_mode]
    real = getattr(transfer, call)

    def killing(*arguments: Any) -> Any:
        if when == "after":
            real(*arguments)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(transfer, call, killing)
        with pytest.raises(Killed):
            world.drive(batch_id)
    assert world.services.batches.get(batch_id).status == BatchStatus.SUBMITTING
    world.emulator.advance(world.settings.submit_lease_seconds + 1)
    world.drive(batch_id)
    assert_once(world, ids, batch_id)


def test_a_worker_that_is_killed_at_any_write_of_the_record_leaves_one_job(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kill at the 1st, the 2nd, … write of the batch record, until a submission gets through without one."""
    ids = world.fill(2)
    batch_id = world.prepare().batch_id
    real, kills = RecordRepository.modify, 0
    for survive in range(30):
        left = survive

        def killing(self: Any, record_id: str, change: Any) -> Any:
            nonlocal left
            if record_id == batch_id:
                left -= 1
                if left < 0:
                    raise Killed
            return real(self, record_id, change)

        with monkeypatch.context() as patch:
            patch.setattr(RecordRepository, "modify", killing)
            try:
                world.drive(batch_id)
            except Killed:
                kills += 1
                world.emulator.advance(world.settings.submit_lease_seconds + 1)
                continue
        break
    assert kills > 3
    assert_once(world, ids, batch_id)


def test_two_workers_submit_a_batch_once(world: World) -> None:
    ids = world.fill(1)
    batch_id = world.prepare().batch_id
    lease = {"submit_owner": "somebody else", "submit_expires_at": None}

    def taken(batch: Any) -> Any:
        return batch.model_copy(update={"status": BatchStatus.SUBMITTING, **lease})

    def stolen(*_: Any) -> Any:
        world.services.batches.modify(batch_id, taken)
        return {"input_file_id": "file-1"}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TRANSFERS[world.settings.transfer_mode], "put", stolen)
        with pytest.raises(LeaseLost, match="by another worker"):
            submit(world.services, batch_id)
    world.drive(batch_id)
    assert_once(world, ids, batch_id)


def test_a_create_that_arrives_after_the_fence_fails(world: World) -> None:
    """The create was sent, its end is unknown, no job is there: the input is withdrawn first of all."""
    ids = world.fill(1)
    batch_id = world.prepare().batch_id
    world.emulator.faults(on_call("batches.create", drop="before"))
    late = until_phase(world, batch_id, SubmitPhase.CREATING)
    assert late.input_file_id is not None
    world.emulator.advance(world.settings.submit_grace_seconds)
    submit(world.services, batch_id)
    assert world.services.batches.get(batch_id).submit_phase == SubmitPhase.FENCED
    late_create(world, late)
    world.drive(batch_id)
    assert_once(world, ids, batch_id)


def until_phase(world: World, batch_id: str, phase: SubmitPhase) -> OpenAIBatch:
    for _ in range(5):
        submit(world.services, batch_id)
        batch = world.services.batches.get(batch_id)
        if batch.submit_phase == phase:
            return batch
        world.emulator.advance(1)
    raise AssertionError(f"batch {batch_id} does not come to {phase}: {batch}")


def late_create(world: World, batch: OpenAIBatch) -> None:
    """The create of an earlier attempt arrives late: it is refused, or its job answers nothing."""
    remote = RemoteBatches(world.settings)
    if world.settings.transfer_mode == TransferMode.FILES:
        with pytest.raises(Exception, match="not found"):
            remote.create_job(batch.input_file_id or "", batch.batch_id)
    else:
        blobs = world.services.blobs
        remote.create_blob_job(blobs.url(batch.input_file_id or ""), blobs.url())


@pytest.mark.parametrize("mode", list(TokenLimitMode))
def test_a_full_quota_means_wait_and_no_product_pays_for_it(
    storage_settings: Settings, tmp_path: Path, mode: TokenLimitMode
) -> None:
    config = EmulatorConfig(
        data=tmp_path, port=0, job_seconds=7200, token_limit=30_000, token_limit_mode=mode
    )
    with make_world(storage_settings, tmp_path, config) as world:
        ids = world.fill(4)
        first, second = world.prepare(limit=2), world.prepare(limit=2)
        assert first.input_tokens_estimate < 30_000 < 2 * first.input_tokens_estimate
        world.drive(first.batch_id, until=BatchStatus.IN_PROGRESS)
        after = world.drive(second.batch_id)
        world.drive(first.batch_id)
        jobs = world.emulator.ledger()["jobs"]
        charged = {
            job["metadata"]["batch_id"]: job["requests_completed"]
            for job in jobs
            if job["requests_completed"]
        }
        assert charged == {first.batch_id: 14, second.batch_id: 14}
        assert {world.product(product_id).attempts for product_id in ids} == {0}
        refused = [entry for entry in world.emulator.journal() if entry["status"] == 400]
        if mode == TokenLimitMode.AT_CREATE:
            assert (len(jobs), len(refused) > 1) == (2, True)
        else:
            assert (len(jobs) - 2, refused) == (len(after.previous_job_ids), [])
            assert after.previous_job_ids


def test_a_job_that_azure_fails_as_a_whole_uses_up_no_attempt(world: World) -> None:
    [product_id] = world.fill(1)
    world.emulator.faults(
        Rule(on="job", effect=Effect(fail_at=0.0, code="internal_error", message="Azure stumbled."))
    )
    batch = world.drive(world.prepare().batch_id)
    row = world.product(product_id)
    assert batch.status == BatchStatus.FAILED
    assert "Azure stumbled" in (batch.error_message or "")
    assert batch.counts.by_outcome == {"request_failed": 7}
    assert (row.openai_processing_status, row.attempts) == (ProductStatus.PENDING, 0)
    assert "Azure stumbled" in (row.openai_error_message or "")


def test_an_expired_job_keeps_what_was_finished(world: World) -> None:
    world.fill(2)
    world.emulator.faults(Rule(on="job", effect=Effect(expire_at=0.5)))
    batch = world.drive(world.prepare().batch_id)
    assert batch.status == BatchStatus.EXPIRED
    assert batch.counts.by_outcome == {"stored": 7, "expired": 7}
    assert batch.counts.locales == world.emulator.ledger()["requests"]["charged"] == 7


def test_a_job_that_is_cancelled_at_azure_keeps_what_was_finished(world: World) -> None:
    world.fill(2)
    batch = world.drive(world.prepare().batch_id, until=BatchStatus.IN_PROGRESS)
    world.emulator.advance(30)
    assert batch.openai_job_id is not None
    RemoteBatches(world.settings).cancel(batch.openai_job_id)
    batch = world.drive(batch.batch_id)
    assert batch.status == BatchStatus.CANCELLED
    charged = world.emulator.ledger()["requests"]["charged"]
    assert 0 < charged < 14
    assert batch.counts.by_outcome == {"stored": charged, "cancelled": 14 - charged}
