"""The reconciler and a batch that is stuck, through the app's timer and its HTTP API.

The app runs on the local host, with Azurite for its tables and the emulator for Azure OpenAI. All clocks are
one virtual clock, so that hours of restarts take seconds.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from activities import (
    check_batch,
    ingest_segment,
    prepare_batch,
    run_steps,
    settle_batch,
    stage_results,
    submit_batch,
)
from local.host.functions import load
from local.host.virtual_clock import VirtualClock
from local.openai_emulator import EmulatorConfig, ManualClock, running
from orchestrators import batch_lifecycle, generation_run
from shared.composition import get_services
from shared.config.settings import Settings
from shared.config.settings_loader import get_settings
from shared.domain import clock as app_clock
from shared.domain.batch import OpenAIBatch
from shared.domain.states import BatchStatus
from shared.monitoring.restart_limit import MAX_RESTARTS
from shared.workflow.names import lifecycle_instance
from tests.conftest import SETTINGS
from tests.unit.host.hosting import LONG, START, Hosted, on_host
from tests.world import World
from triggers.http import batches, dashboard_page, work
from triggers.timers import reconcile_timer

Json = dict[str, Any]

TRIGGERS = (batches, dashboard_page, work, reconcile_timer)
STEPS = (check_batch, ingest_segment, prepare_batch, run_steps, settle_batch, stage_results, submit_batch)
app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
for module in (*TRIGGERS, batch_lifecycle, generation_run, *STEPS):
    app.register_functions(module.bp)
FUNCTIONS = load(f"{__name__}:app")

KEY = "local-key"


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


class HostClock(ManualClock):
    """The emulator's clock, which follows the host's."""

    def __init__(self, host: VirtualClock) -> None:
        super().__init__()
        self._host = host

    def now(self) -> float:
        return self._host.now().timestamp()


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
    """A world whose settings are also those of the environment, where the app's functions read them."""
    emulator_clock = HostClock(host_clock)
    config = EmulatorConfig(data=tmp_path / "openai", port=0, job_seconds=60)
    with running(config, emulator_clock) as emulator, app_clock.use(host_clock.now):
        settings = storage_settings.model_copy(update={"azure_openai_endpoint": emulator.url})
        for name in (*SETTINGS, "table_prefix", "blob_container"):
            monkeypatch.setenv(name.upper(), _as_text(getattr(settings, name)))
        monkeypatch.setenv("NOTIFICATION_URL", notifications_url)
        monkeypatch.setenv("RECONCILE_SCHEDULE", "0 */30 * * * *")
        _forget_settings()
        yield World(settings, emulator, emulator_clock)
        _forget_settings()


def _as_text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value.get_secret_value() if hasattr(value, "get_secret_value") else value)


def _forget_settings() -> None:
    get_settings.cache_clear()
    get_services.cache_clear()


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


async def alert_titles(h: Hosted) -> list[str]:
    overview = await call(h, "GET", "dashboard/overview")
    return [alert["title"] for alert in overview["needs"]]


async def call(h: Hosted, method: str, path: str) -> Json:
    """Call the app's HTTP API and return the JSON of its response."""
    url = f"{h.host.url}/api/v1/{path}"
    async with h.http.request(method, url, headers={"X-API-Key": KEY}) as response:
        assert response.ok, await response.text()
        return dict(await response.json())
