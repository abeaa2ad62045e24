"""What all tests share: settings without Azure, storage, and the reference material in `../shared`."""

import os
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pydantic import SecretStr
from pydantic_settings import PydanticBaseSettingsSource

from local.azurite import Ports, command, connection_string
from local.network import free_ports, listens
from local.processes import Processes
from shared.composition import make_services
from shared.config.settings import Settings
from shared.services import Services

# On a shared machine, how long an example takes says nothing about the code.
hypothesis_settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("project")

SHARED = Path(__file__).parent.parent.parent / "shared"
_NEEDS_SHARED = "needs ../shared/"

SETTINGS = {
    "azure_openai_endpoint": "http://127.0.0.1:9",
    "azure_openai_deployment_name": "gpt-41-batch",
    "azure_openai_model": "gpt-4.1",
    "openai_api_key": "emulator-key",
    "storage_connection_string": "UseDevelopmentStorage=true",
    "api_keys": ("local-key",),
}


class _ExplicitSettings(Settings):
    """Settings that ignore the environment."""

    @classmethod
    def settings_customise_sources(  # type: ignore[override]
        cls, _: object, init_settings: PydanticBaseSettingsSource, *__: object, **___: object
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def make_settings(**changes: object) -> Settings:
    """Settings that a test may change by field name."""
    return _ExplicitSettings.model_validate({**SETTINGS, **changes})


@pytest.fixture
def settings() -> Settings:
    return make_settings()


def shared_file(name: str) -> Path:
    """A file of `../shared`, read in place since it belongs to others. Skips the test where it is absent."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{_NEEDS_SHARED}{name}, which is not here")
    return path


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report in one line which tests had no reference material: they prove nothing on this machine."""
    reasons = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ())]
    absent = Counter(
        reason.partition(_NEEDS_SHARED)[2].partition(",")[0] for reason in reasons if _NEEDS_SHARED in reason
    )
    if absent:
        files = ", ".join(f"{name} ({count})" for name, count in sorted(absent.items()))
        line = f"{absent.total()} tests were NOT run, because these are not in {SHARED}: {files}"
        terminalreporter.write_line(line, yellow=True, bold=True)


@pytest.fixture(scope="session")
def azurite() -> Iterator[str]:
    """The connection string of an Azurite that all tests of a worker share. It keeps everything in memory."""
    ports = Ports(*free_ports(3))
    with tempfile.TemporaryDirectory() as logs, Processes(Path(logs)) as processes:
        processes.start("azurite", command(ports, None), os.environ, lambda: all(map(listens, ports)))
        yield connection_string(ports)


@pytest.fixture
def storage_settings(azurite: str) -> Settings:
    """Settings whose tables and container no other test uses."""
    name = f"t{uuid.uuid4().hex[:12]}"
    # One locale a request, so that a test can tell by a request's number which locale it asks for.
    return make_settings(
        storage_connection_string=SecretStr(azurite),
        table_prefix=name,
        blob_container=name,
        locales_per_request=1,
    )


@pytest.fixture
def services(storage_settings: Settings) -> Services:
    """Services with storage of their own. Nothing listens at the address of Azure OpenAI."""
    return make_services(storage_settings)
