"""The app's orchestrators, activities and timers in a host inside the test, on one virtual clock.

Storage and the emulated service are real. Host, app and emulator read the time from the same clock, so a
night takes as long as its work, and a test can say at which second something happens.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from unittest import mock

import azure.durable_functions as df
import azure.functions as func

import activities
import orchestrators
import triggers.timers
from local.host.functions import load
from local.host.virtual_clock import VirtualClock
from local.openai_emulator import EmulatorConfig, ManualClock, running
from shared import composition
from shared.config.settings import Settings
from shared.domain import clock as app_clock
from tests.world import World


def _registering(package: ModuleType) -> list[ModuleType]:
    """The modules of a package that register functions."""
    names = [f"{package.__name__}.{found.name}" for found in pkgutil.iter_modules(package.__path__)]
    return [module for module in map(importlib.import_module, names) if hasattr(module, "bp")]


ORCHESTRATORS, ACTIVITIES = _registering(orchestrators), _registering(activities)
_TIMERS = _registering(triggers.timers)

without_timers = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
with_timers = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
for module in (*ORCHESTRATORS, *ACTIVITIES):
    without_timers.register_functions(module.bp)
for module in (*ORCHESTRATORS, *ACTIVITIES, *_TIMERS):
    with_timers.register_functions(module.bp)

FUNCTIONS = load(f"{__name__}:without_timers")
FUNCTIONS_AND_TIMERS = load(f"{__name__}:with_timers")


class HostClock(ManualClock):
    """The emulator's clock. It shows the host's time, and is moved by the host alone."""

    def __init__(self, host: VirtualClock) -> None:
        super().__init__()
        self._host = host

    def now(self) -> float:
        return self._host.now().timestamp()


@contextmanager
def virtual_app(settings: Settings, data: Path, host_clock: VirtualClock, job: timedelta) -> Iterator[World]:
    """A world whose services the functions above work with; a job takes `job` on the host's clock."""
    clock = HostClock(host_clock)
    config = EmulatorConfig(data=data, port=0, job_seconds=job.total_seconds())
    with (
        running(config, clock) as emulator,
        app_clock.use(lambda: datetime.fromtimestamp(clock.now(), UTC)),
    ):
        world = World(settings.model_copy(update={"azure_openai_endpoint": emulator.url}), emulator, clock)

        def settings_now() -> Settings:
            return world.settings

        with mock.patch.object(composition, "get_settings", settings_now):
            composition.get_services.cache_clear()
            try:
                yield world
            finally:
                composition.get_services.cache_clear()
