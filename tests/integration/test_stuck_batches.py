"""The reconciler and a batch that is stuck, through the app's timer and its HTTP API.

The app runs on the local host, with Azurite for its tables and the emulator for Azure OpenAI. All clocks are
one virtual clock, so that hours of restarts take seconds.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from local.host.virtual_clock import VirtualClock
from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch
from shared.domain.states import BatchStatus
from shared.monitoring.restart_limit import MAX_RESTARTS
from shared.workflow.names import lifecycle_instance
from tests.integration.hosted_app import FUNCTIONS, Json, alert_titles, call, hosted_world
from tests.unit.host.hosting import LONG, START, Hosted, on_host
from tests.world import World


@pytest.fixture
def notifications() -> list[Json]:
    """The bodies that the app has posted to `NOTIFICATION_URL`, oldest first."""
    return []


@pytest.fixture
def notifications_url(notifications: list[Json]) -> Iterator[str]:
    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            notifications.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def host_clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def world(
    storage_settings: Settings,
    tmp_path: Path,
    host_clock: VirtualClock,
    notifications_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    more = {"NOTIFICATION_URL": notifications_url}
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
