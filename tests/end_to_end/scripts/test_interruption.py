"""Ctrl+C in a terminal."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from local.local_settings import API_KEY
from tests.end_to_end.conftest import Json, Machine
from tests.end_to_end.scripts.shell import Shell, finish


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """Children heed SIGINT. Without this they ignore it where the tests run in a shell's background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_leaves_the_run_going_and_prints_the_command_to_come_back(
    shell: Shell, fault: Callable[..., None]
) -> None:
    # Far longer than it takes to press Ctrl+C on a busy machine.
    fault({"on": "job", "times": None, "effect": {"job_seconds": 12}})
    words = ("--action", "pipeline", "--category", "fiddles", "--category-limit", "1", "--api-key", API_KEY)
    # As on a terminal: its first progress bar shows that the run was started and is watched.
    process = shell.start(*words, key=None, FORCE_COLOR="1")
    _read_until(process, "fiddles")
    process.send_signal(signal.SIGINT)
    stopped = finish(process)
    run = _running(shell.machine, "fiddles")
    assert (stopped.code, stopped.out.count("Run ")) == (130, 0)
    assert f"Run {run['run_id']} continues without you" in stopped.err
    command = stopped.err.strip().splitlines()[-1].strip()
    assert '--api-key "$API_KEY"' in command
    back = shell.paste(command)
    assert back.code == 0, back.err
    assert run["run_id"] in back.out
    [batch] = shell.machine.client.run(run["run_id"])["batches"]
    jobs = [job for job in shell.machine.ledger()["jobs"] if batch["batch_id"] in str(job["metadata"])]
    assert [job["status"] for job in jobs] == ["completed"]


def _read_until(process: subprocess.Popen[str], word: str) -> None:
    """Read what a process prints on stderr, up to a word."""
    assert process.stderr is not None
    printed = ""
    while word not in printed:
        letter = process.stderr.read(1)
        assert letter, f"it ended without {word!r}: {printed}"
        printed += letter


def _running(machine: Machine, category: str) -> Json:
    """The run on a category, once it is running."""
    for _ in range(200):
        for run in machine.request("GET", "/api/v1/runs?status=running").json()["runs"]:
            if run["categories"] == [category]:
                return dict(run)
        time.sleep(0.1)
    raise AssertionError(f"no run on {category} started")
