"""Two resources: batches are spread by the quota left, and each stays where it was built (both ledgers)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from local.openai_emulator import Effect, EmulatorConfig, Rule, RunningEmulator, running
from shared.batching import current_build
from shared.batching.batch_submission import submit
from shared.capacity.deployment_balancer import MOST_FAILURES
from shared.config.deployments import Deployment
from shared.domain import clock
from shared.domain.batch import OpenAIBatch
from shared.domain.ids import newest_first_id
from shared.domain.states import BatchStatus
from shared.openai_batch.remote_batches import RemoteBatches
from shared.persistence.storage_account import StorageAccount
from shared.results.batch_settlement import settle
from tests.conftest import make_settings
from tests.world import World


@dataclass
class Two:
    """A world, and a second resource with the same clock."""

    world: World
    other: RunningEmulator
    sweden: Deployment

    def set(self, **changes: Any) -> None:
        self.world.set(more_deployments=(self.sweden.model_copy(update=changes),))

    def jobs(self) -> tuple[int, int]:
        """Jobs at the first resource and at the second."""
        return len(self.world.emulator.ledger()["jobs"]), len(self.other.ledger()["jobs"])


@pytest.fixture
def two(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    config = EmulatorConfig(data=tmp_path / "sweden", port=0, job_seconds=60, api_key="swedish-key")
    monkeypatch.setenv("OPENAI_API_KEY_SWEDEN", "swedish-key")
    with running(config, world.clock) as other:
        sweden = Deployment(
            name="sweden",
            endpoint=other.url,
            deployment="gpt-41-batch",
            key_variable="OPENAI_API_KEY_SWEDEN",
        )
        made = Two(world, other, sweden)
        made.set()
        yield made


def test_batches_go_where_most_quota_is_left_and_stay_there(two: Two) -> None:
    two.world.fill(4)
    built = [two.world.prepare(limit=1) for _ in range(4)]
    assert sorted(batch.deployment for batch in built) == ["default", "default", "sweden", "sweden"]
    ended = [two.world.drive(batch.batch_id) for batch in built]
    assert {(batch.status, batch.counts.stored) for batch in ended} == {(BatchStatus.COMPLETED, 7)}
    assert two.jobs() == (2, 2)
    for emulator in (two.world.emulator, two.other):
        ledger = emulator.ledger()
        assert (ledger["requests"]["charged"], ledger["files"]["present"]) == (14, 0)
    assert two.world.services.budget.quota("sweden").reserved == {"files": 0, "tokens": 0}


def test_the_larger_quota_gets_more_batches(two: Two) -> None:
    two.world.set(enqueued_token_limit=60_000_000)
    two.set(enqueued_token_limit=240_000_000)
    two.world.fill(5)
    built = [two.world.prepare(limit=1).deployment for _ in range(5)]
    assert built.count("sweden") == 4


def test_batches_that_are_built_at_the_same_time_are_spread_too(two: Two) -> None:
    """None of them has a deployment yet, and each chooses before any of them has stored its own."""
    services = two.world.services
    ids = [newest_first_id(clock.utcnow(), str(number)) for number in range(6)]
    for batch_id in ids:
        services.batches.create(
            OpenAIBatch(batch_id=batch_id, filename="f", created_at=clock.utcnow(), run_id="r", category="c")
        )
    chosen = {batch_id: services.balancer.choose(batch_id) for batch_id in ids}
    assert Counter(chosen.values()) == {"default": 3, "sweden": 3}
    begun = [current_build.begin(services, batch_id).deployment for batch_id in ids]
    assert Counter(begun) == {"default": 3, "sweden": 3}


def test_a_batch_that_has_ended_meanwhile_is_not_built(two: Two) -> None:
    """It may choose a deployment before it is found to have ended. Markers of old versions have no fields."""
    services = two.world.services
    services.batches.table.upsert({"PartitionKey": "batch", "RowKey": "~open~of-a-former-version"})
    batch_id = newest_first_id(clock.utcnow(), "gone")
    record = OpenAIBatch(batch_id=batch_id, filename="f", created_at=clock.utcnow(), run_id="r", category="c")
    services.batches.create(record)
    current_build.abandon(services, batch_id, "given up")
    with pytest.raises(current_build.BuildLost):
        current_build.begin(services, batch_id)


def test_batches_of_a_removed_deployment_wait_and_lose_nothing(two: Two) -> None:
    two.world.fill(2)
    batches = [two.world.prepare(limit=1) for _ in range(2)]
    [there] = [batch for batch in batches if batch.deployment == "sweden"]
    two.world.drive(there.batch_id, until=BatchStatus.IN_PROGRESS)
    two.world.set(more_deployments=())
    assert submit(two.world.services, there.batch_id)["wait_seconds"] > 0
    two.world.emulator.advance(3600)
    for name in ("submit_batch", "check_batch"):
        assert two.world.step(there.batch_id, name)["next"] == "submit_batch"
    waiting = two.world.services.batches.get(there.batch_id)
    assert waiting.status == BatchStatus.IN_PROGRESS
    assert "'sweden', which is no longer in MORE_DEPLOYMENTS; put it back" in (waiting.waits_for or "")
    two.set()
    ended = two.world.drive(there.batch_id)
    assert (ended.status, ended.counts.stored) == (BatchStatus.COMPLETED, 7)
    assert two.jobs() == (0, 1)


def test_a_deployment_that_keeps_failing_is_set_aside_for_a_while(
    two: Two, caplog: pytest.LogCaptureFixture
) -> None:
    two.other.faults(
        Rule(on="job", effect=Effect(fail_at=0.0, code="internal_error", message="Stumbled."), times=None)
    )
    two.world.fill(10)
    failed = []
    for _ in range(2 * MOST_FAILURES):
        batch = two.world.drive(two.world.prepare(limit=1).batch_id)
        two.world.fill(10)
        failed += [batch.batch_id] if batch.status == BatchStatus.FAILED else []
        settle(two.world.services, batch.batch_id)  # a second delivery does not count again
        if batch.deployment == "default":
            # Keep the first resource busy, so that the other one is chosen.
            two.world.drive(two.world.prepare(limit=1).batch_id, until=BatchStatus.IN_PROGRESS)
        if two.world.services.balancer.set_aside():
            break
    assert len(failed) == MOST_FAILURES
    assert "Stumbled" in (two.world.services.balancer.set_aside()["sweden"].reason or "")
    assert "deployment sweden is set aside" in caplog.text
    assert two.world.prepare(limit=1).deployment == "default"
    two.world.emulator.advance(two.world.settings.deployment_pause_seconds + 1)
    assert two.world.services.balancer.set_aside() == {}


def test_after_the_pause_one_failure_sets_it_aside_again_and_one_success_clears_the_count(two: Two) -> None:
    services = two.world.services
    pause = two.world.settings.deployment_pause_seconds + 1
    two.world.fill(1)
    built = two.world.prepare()
    number = count()

    def note(deployment: str, job_status: str) -> None:
        changes = {"batch_id": f"b{next(number)}", "deployment": deployment, "job_status": job_status}
        services.balancer.note(built.model_copy(update=changes))

    for deployment in ("sweden", "default"):
        for _ in range(MOST_FAILURES):
            note(deployment, "failed")
    assert set(services.balancer.set_aside()) == {"default", "sweden"}
    assert services.balancer.choose(built.batch_id) == "default"  # as if none were set aside
    note("default", "completed")
    note("sweden", "cancelled")
    assert set(services.balancer.set_aside()) == {"sweden"}
    two.world.emulator.advance(pause)
    assert services.balancer.set_aside() == {}
    note("sweden", "failed")
    note("default", "failed")
    assert set(services.balancer.set_aside()) == {"sweden"}
    StorageAccount(two.world.settings).table("reservations").delete("deployments", "sweden")
    assert services.balancer.set_aside() == {}


def test_surplus_jobs_are_found_at_every_resource(two: Two) -> None:
    two.world.fill(1)
    batch = two.world.drive(two.world.prepare().batch_id, until=BatchStatus.IN_PROGRESS)
    remote = RemoteBatches(two.world.settings.model_copy(update=two.sweden.changes()))
    with two.world.services.blobs.open(batch.filename) as file:
        file_id = remote.upload("surplus.jsonl", file)  # type: ignore[arg-type]
    two.world.emulator.advance(1)
    surplus = remote.create_job(file_id, batch.batch_id)
    two.world.emulator.faults(Rule(on="batches.list", effect=Effect(status=400), times=1))
    assert two.world.services.router.cancel_surplus(two.world.services.batches.find) == [surplus]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no json", "is not valid JSON"),
        ('[{"name": "sweden"}]', "0.endpoint"),
        ('[{"name": "default", "endpoint": "https://a", "deployment": "b"}]', "a unique name"),
        ('[{"name": "a", "endpoint": "http://a", "deployment": "b"}]', "must be https://"),
        ('[{"name": "a", "endpoint": "https://a", "deployment": "b", "key_variable": "NO_KEY"}]', "NO_KEY"),
    ],
)
def test_a_wrong_list_is_refused_with_the_reason(text: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        make_settings(more_deployments=text)
