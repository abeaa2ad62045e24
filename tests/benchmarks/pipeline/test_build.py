"""Building 20,000 request lines into a blob, beside serialising the same lines and uploading the same bytes.

python -m pytest -m benchmark -s tests/benchmarks/pipeline/test_build.py
"""

import cProfile
import os
import pstats

import orjson
import pytest

from shared.services import Services
from tests.benchmarks.pipeline.material import products, say, seconds, sent
from tests.conftest import make_settings

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

REQUESTS = 20_000
ROUNDS = 3


def build(services: Services, name: str, count: int) -> int:
    """The lines of `count` products as a batch file; the answer is its size in bytes."""
    writer = services.blobs.writer(name)
    for line, product in enumerate(products(count)):
        writer.write(services.processor.build(product, sent(product, line)).data)
    return writer.commit()


def test_building_beside_serialising_and_uploading(services: Services) -> None:
    count = REQUESTS // len(make_settings().locales)
    size = build(services, "warm.jsonl", count)
    lines = [orjson.loads(line) for line in services.blobs.lines("warm.jsonl")]

    def limit() -> None:
        writer = services.blobs.writer("limit.jsonl")
        for line in lines:
            writer.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        writer.commit()

    say(f"\n{len(lines):,} lines of {size / len(lines) / 1000:.1f} KB")
    ratios = []
    for _ in range(ROUNDS):
        least, took = seconds(limit), seconds(lambda: build(services, "built.jsonl", count))
        ratios.append(least / took)
        say(
            f"limit {len(lines) / least:,.0f} lines/s, build {len(lines) / took:,.0f}: ratio {least / took:.2f}"
        )
    say(f"build: ratio {sorted(ratios)[ROUNDS // 2]:.2f} (median of {ROUNDS})")
    if os.environ.get("PROFILE"):
        profile = cProfile.Profile()
        profile.runcall(build, services, "profiled.jsonl", count)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
