"""A short soak of the emulator."""

from pathlib import Path

from tests.contract.soak import soak


def test_random_commands_faults_and_kills_lose_nothing(tmp_path: Path) -> None:
    assert "kills" in soak(tmp_path, seconds=3, seed=7)
