"""Memory: the most that each step of a batch holds, at 1,000 and at 100,000 lines, in fresh processes.

The answers are short refusals, so that 100,000 of them take minutes: what the length of an answer adds is
memory of a segment, which is cut by size. `MEMORY_LINES` changes the larger number.

    python -m pytest -m benchmark -s tests/benchmarks/pipeline/test_memory.py
"""

import os
import time
import uuid

import pytest
from pydantic import SecretStr

from tests.benchmarks.fresh_process import figures_of
from tests.benchmarks.pipeline.material import say
from tests.benchmarks.pipeline.memory_step import STEPS
from tests.benchmarks.pipeline.worker import environment_of
from tests.conftest import make_settings

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(3600)]

MEMORY_STEP = "tests.benchmarks.pipeline.memory_step"
FEW = 1_000
MANY = int(os.environ.get("MEMORY_LINES", "100000"))
# What a hundred times as many lines may cost more.
MOST_MEGABYTES = 64


def test_memory_does_not_grow_with_the_batch(azurite: str) -> None:
    peaks: dict[str, list[float]] = {step: [] for step in STEPS}
    for lines in (FEW, MANY):
        name = f"m{uuid.uuid4().hex[:12]}"
        settings = make_settings(
            storage_connection_string=SecretStr(azurite), table_prefix=name, blob_container=name
        )
        for step in STEPS:
            begun = time.perf_counter()
            figures = figures_of(
                "tests.benchmarks.pipeline.memory_step", step, lines, environment_of(settings)
            )
            peaks[step].append(float(figures[-1]))
            took = time.perf_counter() - begun
            say(f"{step:7} {lines:>7,} lines: {peaks[step][-1]:6.1f} MB at most, {took:.0f} s")
    for step, (few, many) in peaks.items():
        say(f"{step:7} grows by {many - few:+.1f} MB of {MOST_MEGABYTES}")
        assert many - few < MOST_MEGABYTES, step
