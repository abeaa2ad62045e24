"""Building 20,000 request lines into a blob, beside serialising the same lines and uploading the same bytes.

The limit writes through the same `BlobWriter`, which uploads one block while the next one is filled.
`BENCH_LINES` changes the number of lines; with `PROFILE=1` it ends with where the time went.

    python -m pytest -m benchmark -s tests/benchmarks/pipeline/test_build.py
"""

import cProfile
import os
import pstats
import time
from collections.abc import Callable
from statistics import median

import orjson
import pytest

from shared.services import Services
from tests.benchmarks.pipeline.material import GROUPS, LINES, batch_of, catalogue, sent

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

# Other work on the machine comes and goes; the limit is measured beside each round.
ROUNDS = 5


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def build(services: Services, name: str, count: int) -> int:
    """The lines of `count` products as a batch file. Returns its size in bytes."""
    writer = services.blobs.writer(name)
    processor = services.router.processor_for(batch_of(count * len(GROUPS)))
    for line, product in enumerate(catalogue(count)):
        writer.write(processor.build(product, sent(product, line)).data)
    return writer.commit()


def test_building_beside_serialising_and_uploading(services: Services) -> None:
    count = LINES // len(GROUPS)
    size = build(services, "warm.jsonl", count)
    lines = [orjson.loads(line) for line in services.blobs.lines("warm.jsonl")]
    products = seconds(lambda: [sent(product, 0) for product in catalogue(count)])

    def limit() -> None:
        writer = services.blobs.writer("limit.jsonl")
        for line in lines:
            writer.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        writer.commit()

    say(f"\n{len(lines):,} lines of {size / len(lines) / 1000:.1f} kB")
    ratios = []
    for _ in range(ROUNDS):
        least = seconds(limit)
        # Making up the products is the benchmark's work, not the build's.
        took = seconds(lambda: build(services, "built.jsonl", count)) - products
        ratios.append(least / took)
        speeds = f"limit {len(lines) / least:,.0f} lines/s, build {len(lines) / took:,.0f}"
        say(f"{speeds}: {least / took:.2f} of the limit")
    say(f"build: {median(ratios):.2f} of the limit (median of {ROUNDS})")
    if os.environ.get("PROFILE"):
        profile = cProfile.Profile()
        profile.runcall(build, services, "profiled.jsonl", count)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - what a benchmark is for
