"""The reconciler and a batch that is stuck, through the app's timer and its HTTP API.

The app runs on the local host, with Azurite for its tables and the emulator for Azure OpenAI. All clocks are
one virtual clock, so that hours of restarts take seconds.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.host.virtual_clock import VirtualClock
from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch
from shared.domain.states import BatchStatus
from shared.monitoring.restart_limit import MAX_RESTARTS
from shared.workflow.names import lifecycle_instance
from tests.http_servers import receiving_notifications
from tests.integration.hosted_app import FUNCTIONS, Json, alert_titles, call, hosted_world
from tests.unit.host.hosting import LONG, START, Hosted, on_host
from tests.world import World


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[Json]]]:
    """The address of a server of the shop, and what was posted to it."""
    with receiving_notifications() as receiver:
        yield receiver


@pytest.fixture
def notifications(receiver: tuple[str, list[Json]]) -> list[Json]:
    """The bodies that the app has posted to `NOTIFICATION_URL`, oldest first."""
    return receiver[1]


@pytest.fixture
def host_clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def world(
    storage_settings: Settings,
    tmp_path: Path,
    host_clock: VirtualClock,
    receiver: tuple[str, list[Json]],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    more = {"NOTIFICATION_URL": receiver[0]}
    with hosted_world(storage_settings, tmp_path, host_clock, monkeypatch, **more) as made:
        yield made


def test_a_stuck_batch_is_restarted_ten_times_and_then_left_to_a_person(
    world: World, host_clock: VirtualClock, tmp_path: Path, notifications: list[Json]
) -> None:
    world.fill(1)
    world.emulator.faults({"on": "batches.retrieve", "times": None, "effect": {"status": 400}})

    async def scenario(h: Hosted) -> None:
        run_id = (await call(h, "POST", "batch/pipeline"))["run"]["run_id"]
        await h.settle()
        [batch_id] = world.services.runs.batch_ids(run_id)

        def stored() -> OpenAIBatch:
            return world.services.batches.get(batch_id)

        def lifecycle_status() -> str:
            return h.instance(lifecycle_instance(batch_id)).status

        await h.clock.advance_until(lambda: stored().restarts == MAX_RESTARTS - 1, h.host.idle, LONG)
        assert stored().status == BatchStatus.IN_PROGRESS
        assert stored().needs_attention is None
        assert await alert_titles(h) == []

        await h.clock.advance_until(lambda: stored().needs_attention is not None, h.host.idle, LONG)
        await h.wait(hours=3)
        assert lifecycle_status() == "Failed"
        assert stored().restarts == MAX_RESTARTS
        assert [(sent["event"], sent["batch_id"]) for sent in notifications] == [
            ("batch_needs_attention", batch_id)
        ]
        assert await alert_titles(h) == ["A batch is stuck"]

        world.emulator.clear_faults()
        await call(h, "POST", f"batch/process-results/{batch_id}")
        assert stored().needs_attention is None
        assert lifecycle_status() == "Running"
        await h.ended(lifecycle_instance(batch_id))
        assert stored().status == BatchStatus.COMPLETED
        assert await alert_titles(h) == []

    on_host(FUNCTIONS, tmp_path / "host", scenario, host_clock)
    assert len(notifications) == 1
