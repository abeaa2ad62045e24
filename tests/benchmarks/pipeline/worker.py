"""Worker processes that do the same work side by side, begun at the same moment.

A worker is `python -m <module> <arguments>` that ends its preparations with `wait_for_start` and says what
processor time its work took. Settings come from the environment.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from shared.config.settings import Settings
from tests.benchmarks.pipeline.material import say
from tests.conftest import SETTINGS


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment in which a process reads these settings' storage, and the tests' other settings."""
    storage = {
        "storage_connection_string": settings.storage_connection_string.get_secret_value(),
        "table_prefix": settings.table_prefix,
        "blob_container": settings.blob_container,
    }
    named = {key.upper(): str(value) for key, value in {**SETTINGS, **storage}.items()}
    return {**os.environ, **named, "API_KEYS": "local-key"}


def side_by_side(module: str, settings: Settings, arguments: Sequence[Sequence[str]]) -> tuple[float, float]:
    """Wall seconds of a worker for each list of arguments, and their processor seconds together."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", module, *each],
            env=environment_of(settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for each in arguments
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    begun = time.perf_counter()
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    lines = [worker.stdout.readline() for worker in workers if worker.stdout is not None]
    took = time.perf_counter() - begun
    assert [worker.wait() for worker in workers] == [0] * len(workers)
    return took, sum(map(float, lines))


def work_when_told(work: Callable[[], object]) -> None:
    """In a worker: be ready, work when told, and say the processor seconds."""
    say("ready")
    sys.stdin.readline()
    begun = time.process_time()
    work()
    say(f"{time.process_time() - begun}")
