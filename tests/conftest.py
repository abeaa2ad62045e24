"""What all tests share: settings for a machine without Azure, and where the shared real rows are."""

import os
import tempfile
import uuid
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

# Time on a shared machine says nothing about the code.
hypothesis_settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("project")

SHARED = Path(__file__).parent.parent.parent / "shared"

SETTINGS = {
    "azure_openai_endpoint": "http://127.0.0.1:9",
    "azure_openai_deployment_name": "gpt-41-batch",
    "azure_openai_model": "gpt-4.1",
    "openai_api_key": "emulator-key",
    "storage_connection_string": "UseDevelopmentStorage=true",
    "api_keys": ("local-key",),
}


class _ExplicitSettings(Settings):
    """Settings in which the environment has no say."""

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
    """A file of `../shared`, which belongs to others: read in place, and skipped where it is absent."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return path


@pytest.fixture(scope="session")
def azurite() -> Iterator[str]:
    """The connection string of an Azurite that keeps everything in memory, one for all tests."""
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
    """Stores of its own for a test; nothing answers at the address of Azure OpenAI."""
    return make_services(storage_settings)
