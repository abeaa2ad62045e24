from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.config.settings import Settings
from tests.world import World, make_world


@pytest.fixture
def world(storage_settings: Settings, tmp_path: Path) -> Iterator[World]:
    with make_world(storage_settings, tmp_path) as made:
        yield made
