"""What all tests share: settings for a machine without Azure, and where the shared real rows are."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pydantic_settings import PydanticBaseSettingsSource

from shared.settings import Settings

# Time on a shared machine says nothing about the code.
hypothesis_settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("project")

SHARED = Path(__file__).parent.parent.parent / "shared"

SETTINGS = {
    "azure_openai_endpoint": "http://127.0.0.1:9",
    "azure_openai_deployment_name": "gpt-41-batch",
    "openai_api_key": "emulator-key",
    "storage_connection_string": "UseDevelopmentStorage=true",
    "api_keys": ("local-key",),
}


class _ExplicitSettings(Settings):
    """Settings in which the environment has no say."""

    @classmethod
    def settings_customise_sources(
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
