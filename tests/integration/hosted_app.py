"""The app on the local host, with Azurite and the emulator: all clocks are one virtual clock.

So hours of waiting take seconds. The settings are those of the environment, and change as by a restart.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from local.host.functions import load
from local.host.virtual_clock import VirtualClock
from local.openai_emulator import EmulatorConfig, running
from shared.composition import get_services
from shared.config.settings import Settings
from shared.config.settings_loader import get_settings
from shared.domain import clock as app_clock
from tests.conftest import SETTINGS
from tests.unit.host.hosting import Hosted
from tests.virtual_app import ACTIVITIES, ORCHESTRATORS, HostClock
from tests.world import World
from triggers.http import batches, dashboard_page, exports, health, imports, regeneration, work
from triggers.timers import reconcile_timer

Json = dict[str, Any]

KEY = "local-key"
_RECONCILE = "0 */30 * * * *"


TRIGGERS = (batches, dashboard_page, exports, health, imports, regeneration, work, reconcile_timer)
app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
for module in (*TRIGGERS, *ORCHESTRATORS, *ACTIVITIES):
    app.register_functions(module.bp)
FUNCTIONS = load(f"{__name__}:app")


@contextmanager
def hosted_world(
    settings: Settings, data: Path, host_clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, **more: str
) -> Iterator[World]:
    """A world whose settings are also those of the environment, with `more` variables."""
    emulator_clock = HostClock(host_clock)
    config = EmulatorConfig(data=data / "openai", port=0, job_seconds=60)
    with running(config, emulator_clock) as emulator, app_clock.use(host_clock.now):
        own = settings.model_copy(update={"azure_openai_endpoint": emulator.url})
        variables = {name.upper(): _as_text(getattr(own, name)) for name in _NAMES}
        restart(monkeypatch, RECONCILE_SCHEDULE=_RECONCILE, **(variables | more))
        yield World(own, emulator, emulator_clock)
        _forget_settings()


_NAMES = (*SETTINGS, "table_prefix", "blob_container")


def restart(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    """Change settings of the app, which reads them again, as after a restart."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    _forget_settings()


async def call(h: Hosted, method: str, path: str, body: Any = None) -> Json:
    """Call the app's HTTP API and return the JSON of its response."""
    url = f"{h.host.url}/api/v1/{path}"
    async with h.http.request(method, url, headers={"X-API-Key": KEY}, json=body) as response:
        assert response.ok, await response.text()
        return dict(await response.json())


async def alert_titles(h: Hosted) -> list[str]:
    """What needs a person, as the overview says it."""
    return [alert["title"] for alert in (await call(h, "GET", "dashboard/overview"))["needs"]]


def _as_text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value.get_secret_value() if hasattr(value, "get_secret_value") else value)


def _forget_settings() -> None:
    get_settings.cache_clear()
    get_services.cache_clear()
