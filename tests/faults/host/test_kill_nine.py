"""A host process killed by SIGKILL at random moments, and begun again, with nothing lost.

The normal run takes some seconds; HOST_KILL_SECONDS=600 makes it ten minutes. HOST_KILL_SEED gives other
moments.
"""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.faults.host.app_under_fire import GENERATIONS, WIDTH

ROOT = Path(__file__).parents[3]
SECONDS = float(os.environ.get("HOST_KILL_SECONDS", "8"))
SEED = int(os.environ.get("HOST_KILL_SEED", "1"))
API = "/runtime/webhooks/durabletask"
AT_A_TIME = 8
IN_ITS_START = 0.2


class HostProcess:
    """A host in a process of its own, over one data folder for all its lives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.ledger = folder / "ledger"
        self.log = folder / "log"
        self.begin()

    def begin(self) -> None:
        lives = self._lives()
        self.spawn()
        while len(self._lives()) == len(lives):
            assert self._process.poll() is None, f"it ended by itself: {self.log.read_text()[-2000:]}"
            time.sleep(0.02)
        self.url = self._lives()[-1]

    def spawn(self) -> None:
        """Begin a life and do not wait until it serves."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "local.host", "--app", "tests.faults.host.app_under_fire:app"),
                    *("--port", "0", "--data", str(self._folder / "data")),
                ],
                cwd=ROOT,
                env={**os.environ, "FIRE_LEDGER": str(self.ledger)},
                stderr=log,
            )

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def _lives(self) -> list[str]:
        """The URL of each life that has come to serve."""
        return re.findall(r"serving on (\S+)", self.log.read_text()) if self.log.exists() else []


@pytest.fixture
def process(tmp_path: Path) -> Iterator[HostProcess]:
    begun = HostProcess(tmp_path)
    yield begun
    begun.kill()


@pytest.mark.timeout(SECONDS + 120)
def test_nothing_is_lost(process: HostProcess) -> None:
    moments = random.Random(SEED)
    started: list[str] = []
    until, kills = time.monotonic() + SECONDS, 0
    while time.monotonic() < until:
        kill_at = time.monotonic() + moments.uniform(0.0, 0.6)
        while time.monotonic() < kill_at:
            if _running(process) < AT_A_TIME:
                started.append(_start(process, f"c{len(started)}"))
            else:
                time.sleep(0.01)
        process.kill()
        kills += 1
        while moments.random() < IN_ITS_START:
            process.spawn()
            time.sleep(moments.uniform(0.0, 0.8))
            process.kill()
            kills += 1
        process.begin()
    ended = {instance_id: _wait_for(process, instance_id) for instance_id in started}
    for instance_id, status in ended.items():
        assert status["runtimeStatus"] == "Completed", status
        last = f"done {instance_id}/{GENERATIONS - 1}/child"
        assert status["output"] == {"total": GENERATIONS * (WIDTH + 2), "last": last}
    _check_ledger(process, started, kills)
    assert "a background task of the host failed" not in process.log.read_text()


def _check_ledger(process: HostProcess, started: list[str], kills: int) -> None:
    """Each activity has ended at least once; more often only as often as there were kills."""
    lines = Counter(process.ledger.read_text().splitlines())
    for instance_id in started:
        for generation in range(GENERATIONS):
            for part in (*map(str, range(WIDTH)), "child", "retried"):
                times = lines[f"ended {instance_id}/{generation}/{part}"]
                assert 1 <= times <= 1 + kills, (instance_id, generation, part, times)
    activities = len(started) * GENERATIONS * (WIDTH + 2)
    again = sum(count - 1 for line, count in lines.items() if line.startswith("ended "))
    print(f"{kills} kills, {len(started)} orchestrations, {activities} activities, {again} of them again")  # noqa: T201


def _start(process: HostProcess, instance_id: str) -> str:
    body = {"generation": 0, "total": 0}
    answer = requests.post(f"{process.url}{API}/orchestrators/campaign/{instance_id}", json=body, timeout=10)
    assert answer.status_code == 202, answer.text
    return instance_id


def _running(process: HostProcess) -> int:
    query = {"runtimeStatus": "Running,Pending", "instanceIdPrefix": "c"}
    return len(requests.get(f"{process.url}{API}/instances/", params=query, timeout=10).json())


def _wait_for(process: HostProcess, instance_id: str) -> dict[str, object]:
    while True:
        answer = requests.get(f"{process.url}{API}/instances/{instance_id}", timeout=10)
        assert answer.status_code in (200, 202), f"{instance_id} is lost: {answer.status_code}"
        if answer.status_code == 200:
            status: dict[str, object] = answer.json()
            return status
        time.sleep(0.02)
