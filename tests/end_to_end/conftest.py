"""The whole app over HTTP: Azurite, the emulator and the host as processes of their own."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser
from pydantic import SecretStr

from local import local_services
from local.azurite import connection_string
from local.local_settings import API_KEY, LocalSettings
from local.network import free_ports
from local.processes import Processes
from scripts.api_client import ApiClient
from shared.composition import make_services
from shared.services import Services
from tests import browser as browsers
from tests.conftest import make_settings

Json = dict[str, Any]


@dataclass
class Machine:
    """A running app, with the ledger of its emulator."""

    settings: LocalSettings
    processes: Processes
    emulator_port: int | None = None

    @property
    def client(self) -> ApiClient:
        return ApiClient(self.settings.base_url, API_KEY)

    def request(self, method: str, path: str, key: str | None = API_KEY, **options: Any) -> requests.Response:
        headers = {**options.pop("headers", {}), **({"X-API-Key": key} if key else {})}
        url = f"{self.settings.base_url}{path}"
        return requests.request(method, url, headers=headers, timeout=30, **options)

    @cached_property
    def services(self) -> Services:
        """The app's storage, read beside the host. It needs no host."""
        storage = SecretStr(connection_string(self.settings.storage))
        return make_services(make_settings(storage_connection_string=storage))

    @property
    def at_second(self) -> "Machine":
        """The same machine, with the ledger and the faults of the second resource."""
        return replace(self, emulator_port=self.settings.second_emulator_port)

    def ledger(self) -> Json:
        return dict(requests.get(f"{self._emulator}/ledger", timeout=30).json())

    def faults(self, *rules: Json) -> None:
        requests.post(f"{self._emulator}/faults", json=rules, timeout=30).raise_for_status()

    def no_faults(self) -> None:
        requests.delete(f"{self._emulator}/faults", timeout=30).raise_for_status()

    def run(self, category_limit: int, categories: list[str] | None = None) -> Json:
        """Run the pipeline to its end. Returns the run with its batches."""
        run = self.client.pipeline(category_limit, categories)
        return self.client.follow_run(run["run_id"], lambda _: None, interval=0.2)

    def kill_host(self) -> None:
        self.processes.stop(local_services.HOST, signal.SIGKILL)

    def start_host(self) -> None:
        local_services.start_host(self.processes, self.settings)

    @property
    def _emulator(self) -> str:
        return f"http://127.0.0.1:{self.emulator_port or self.settings.emulator_port}/emulator"


def local_settings(data: Path, **changes: Any) -> LocalSettings:
    host, emulator, blob, queue, table = free_ports(5)
    ports = {"host_port": host, "emulator_port": emulator, "blob_port": blob, "queue_port": queue}
    return LocalSettings(**{**ports, "table_port": table, "data": data, "job_seconds": 1.0, **changes})


@contextmanager
def running_machine(data: Path, **changes: Any) -> Iterator[Machine]:
    settings = local_settings(data, **changes)
    with local_services.running(settings) as processes:
        yield Machine(settings, processes)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for the tests of a module."""
    try:
        with browsers.browser() as opened:
            yield opened
    except browsers.NoBrowser as absent:
        if browsers.is_required():
            raise
        pytest.skip(f"the dashboard was NOT tested: {absent}")


@pytest.fixture(scope="module")
def one_locale_a_request() -> Iterator[None]:
    """Each locale is a request of its own on the machine of a module, so that a fault can choose one."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LOCALES_PER_REQUEST", "1")
        yield


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine for all tests of a module. A job takes a second."""
    with running_machine(tmp_path_factory.mktemp("machine")) as made:
        yield made


@pytest.fixture
def import_text(machine: Machine, tmp_path: Path) -> Callable[[str], Json]:
    """Import a CSV text and wait for its report."""

    def import_(text: str) -> Json:
        path = tmp_path / "catalogue.csv"
        path.write_text(text, encoding="utf-8")
        return machine.client.import_file(path)

    return import_
