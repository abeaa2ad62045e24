"""Starts the local services: Azurite, the emulator of Azure OpenAI, and a host for the app."""

import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path

from local import azurite, install
from local.local_settings import LocalSettings
from local.network import listens
from local.processes import Processes

AZURITE = "azurite"
EMULATOR = "openai-emulator"
SECOND_EMULATOR = "second-openai-emulator"
HOST = "host"


class HostKind(StrEnum):
    """`local`: the host in `local.host`. `func`: Azure Functions Core Tools, which must be on the PATH."""

    LOCAL = "local"
    FUNC = "func"


class FuncMissing(Exception):
    """`func` was requested and is not on the PATH."""


@contextmanager
def running(
    settings: LocalSettings, kind: HostKind = HostKind.LOCAL, with_timers: bool = True
) -> Iterator[Processes]:
    """Starts all services and yields when they are ready. They are stopped at the end of the block.

    `with_timers`: False disables the timers `nightly` and `cleanup`, so that a missed run does not start.

    Raises:
        PortInUse: when a port is taken.
        NotInstalled: when Azurite or Node is missing.
        FuncMissing: when `func` is requested and missing.
        ServiceFailed: when a service ends or does not become ready.
    """
    if kind == HostKind.FUNC:
        _func(settings)  # fails before anything is started
    settings.check_ports()
    settings.data.mkdir(parents=True, exist_ok=True)
    with Processes(settings.data / "logs") as processes:
        start_azurite(processes, settings)
        start_emulator(processes, settings)
        start_host(processes, settings, kind, with_timers)
        yield processes


def start_azurite(processes: Processes, settings: LocalSettings) -> None:
    command = azurite.command(settings.storage, settings.data / "azurite")
    environment = settings.app_environment()
    processes.start(AZURITE, command, environment, lambda: all(map(listens, settings.storage)))


def start_emulator(processes: Processes, settings: LocalSettings) -> None:
    """Start the emulator of the resource, and that of the second resource if it is configured."""
    for name, port in ((EMULATOR, settings.emulator_port), (SECOND_EMULATOR, settings.second_emulator_port)):
        if port is not None:
            command = [sys.executable, "-m", "local.openai_emulator", *settings.emulator_arguments(port)]
            processes.start(name, command, settings.app_environment(), partial(listens, port))


def start_host(
    processes: Processes,
    settings: LocalSettings,
    kind: HostKind = HostKind.LOCAL,
    with_timers: bool = True,
) -> None:
    command = _func(settings) if kind == HostKind.FUNC else _local(settings)
    environment = settings.app_environment(with_timers)
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment.get('PATH', '')}"
    environment["VIRTUAL_ENV"] = str(install.VENV)
    # Core Tools download their extension bundle at the first start.
    seconds = 300 if kind == HostKind.FUNC else 60
    processes.start(HOST, command, environment, lambda: answers(settings), seconds)


def _local(settings: LocalSettings) -> list[str]:
    port, data = str(settings.host_port), str(settings.data / "host")
    return [sys.executable, "-m", "local.host", "--app", "function_app:app", "--port", port, "--data", data]


def _func(settings: LocalSettings) -> list[str]:
    found = shutil.which("func")
    if found is None:
        raise FuncMissing(
            "HOST=func needs Azure Functions Core Tools 4 (`func`) on the PATH. "
            "Without HOST=func, `make serve` uses the host of this project."
        )
    return [found, "start", "--port", str(settings.host_port)]


def answers(settings: LocalSettings) -> bool:
    """Whether the app reports that it and its storage are healthy."""
    try:
        with urllib.request.urlopen(f"{settings.base_url}/api/v1/health", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False
