from pathlib import Path

from tests.contract.soak import soak


def test_commands_faults_and_kills_at_random_lose_nothing(tmp_path: Path) -> None:
    assert "kills" in soak(tmp_path, seconds=3, seed=7)
