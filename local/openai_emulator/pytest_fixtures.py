"""Fixtures for tests that need an emulator; import them into a conftest.py.

`openai_emulator` runs on a virtual clock: nothing happens until `advance`. A test module can override its
configuration, `openai_emulator_config`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.openai_emulator.config import EmulatorConfig
from local.openai_emulator.emulator_clock import ManualClock
from local.openai_emulator.emulator_server import RunningEmulator, running


@pytest.fixture
def openai_emulator_config(tmp_path: Path) -> EmulatorConfig:
    """A job takes a minute and a file a second, in virtual time."""
    return EmulatorConfig(
        data=tmp_path / "openai", port=0, job_seconds=60, pending_seconds=1, cancelling_seconds=10
    )


@pytest.fixture
def openai_emulator(openai_emulator_config: EmulatorConfig) -> Iterator[RunningEmulator]:
    with running(openai_emulator_config, ManualClock()) as emulator:
        yield emulator
