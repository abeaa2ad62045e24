"""Configuration of the refusal tests. The table in docs/emulator.md names each test."""

from dataclasses import replace

import pytest

from local.openai_emulator import Deployment, DeploymentType, EmulatorConfig
from tests.unit.openai_emulator.client import BATCH, ONLINE, REASONING


@pytest.fixture
def openai_emulator_config(openai_emulator_config: EmulatorConfig) -> EmulatorConfig:
    """Small limits, and one deployment of each kind."""
    return replace(
        openai_emulator_config,
        max_requests=20,
        max_file_bytes=50_000,
        max_files_without_expiry=3,
        max_files_with_expiry=4,
        deployments=(
            Deployment(BATCH, "gpt-4.1-2025-04-14", DeploymentType.BATCH),
            Deployment(ONLINE, "gpt-4.1-2025-04-14", DeploymentType.ONLINE),
            Deployment(REASONING, "gpt-5-2025-08-07", DeploymentType.BATCH),
        ),
    )
