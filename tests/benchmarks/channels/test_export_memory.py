"""Exports to each channel: time, size, and memory at 1,000 and at 20,000 products, in fresh processes.

`CHANNEL_PRODUCTS=100000` is the long variant.

    python -m pytest -m benchmark -s tests/benchmarks/channels/test_export_memory.py
"""

import os
import uuid

import pytest
from pydantic import SecretStr

from shared.domain.task import ChannelName
from tests.benchmarks.fresh_process import figures_of
from tests.benchmarks.pipeline.material import say
from tests.benchmarks.pipeline.worker import environment_of
from tests.conftest import make_settings

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(7200)]

FEW = 1_000
MANY = int(os.environ.get("CHANNEL_PRODUCTS", "20000"))
# What many times as many products may cost more. The handles of a category are held as hashes.
MOST_MEGABYTES = 64


def test_memory_does_not_grow_with_the_catalogue(azurite: str) -> None:
    peaks: dict[ChannelName, list[float]] = {channel: [] for channel in ChannelName}
    for products in (FEW, MANY):
        name = f"c{uuid.uuid4().hex[:12]}"
        settings = make_settings(
            storage_connection_string=SecretStr(azurite), table_prefix=name, blob_container=name
        )
        environment = environment_of(settings)
        _run("fill", products, environment)
        for channel in ChannelName:
            size, took, peak = _run(channel, products, environment)
            peaks[channel].append(peak)
            figures = f"{took:6.1f} s, {size / 1e6:7.1f} MB zip, {peak:6.1f} MB"
            say(f"{channel:15} {products:>7,} products: {figures}")
    for channel, (few, many) in peaks.items():
        say(f"{channel:15} grows by {many - few:+.1f} MB of {MOST_MEGABYTES}")
        assert many - few < MOST_MEGABYTES, channel


def _run(step: str, products: int, environment: dict[str, str]) -> tuple[int, float, float]:
    size, took, peak = figures_of("tests.benchmarks.channels.export_step", step, products, environment)[-3:]
    return int(size), float(took), float(peak)
