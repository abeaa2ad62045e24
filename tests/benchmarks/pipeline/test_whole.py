"""Products in seven locales from the catalogue to settled, on Azurite and the emulator: time by step.

What a step waits for shows in its processor time: a step whose wall time is its own processor's waits for
nobody, the rest is Azurite (one Node process) and, for two of them, the emulator. `PIPELINE_PRODUCTS` changes
the number of products (10,000).

    python -m pytest -m benchmark -s tests/benchmarks/pipeline/test_whole.py
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.processes import Processes
from shared.catalogue.importer import Importer
from shared.config.settings import Settings
from shared.domain import clock
from shared.domain.outcome import Outcome
from shared.domain.states import BatchStatus
from shared.persistence.parallel import map_ordered
from shared.results.batch_settlement import settle
from shared.results.segment_ingestion import ingest
from shared.results.staging import stage
from tests.benchmarks.pipeline.material import CATEGORY, GROUPS, catalogue, say
from tests.emulator_process import EmulatorProcess
from tests.storage_requests import StorageRequests, storage_requests
from tests.world import World

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(4 * 3600)]

PRODUCTS = int(os.environ.get("PIPELINE_PRODUCTS", "10000"))
_JOB_SECONDS = 60


_COUNTED = 100


class Steps:
    """Times steps and counts their requests to storage; a step of many batches is summed up."""

    def __init__(self, seen: StorageRequests) -> None:
        self._seen = seen
        self._spent: dict[str, tuple[float, float, int]] = {}

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        begun, computed, sent = time.perf_counter(), time.process_time(), len(self._seen.sent)
        yield
        wall, own, requests = self._spent.get(name, (0.0, 0.0, 0))
        wall += time.perf_counter() - begun
        own += time.process_time() - computed
        self._spent[name] = (wall, own, requests + len(self._seen.sent) - sent)

    def report_times(self, products: int) -> None:
        for name, (wall, own, _) in self._spent.items():
            each = 1e3 * wall / products
            say(f"{name:8} {wall:7.1f} s, {each:6.2f} ms a product; own processor {own:7.1f} s")
        whole = sum(wall for wall, _, _ in self._spent.values())
        say(f"whole    {whole:7.1f} s, {1e3 * whole / products:6.2f} ms a product")

    def report_requests(self, products: int) -> None:
        for name, (_, _, requests) in self._spent.items():
            say(f"{name:8} {requests / products:5.2f} requests to storage a product")


@contextmanager
def emulated(settings: Settings, folder: Path) -> Iterator[World]:
    """A world whose emulator has a process of its own."""
    with Processes(folder) as processes:
        emulator = EmulatorProcess(processes, folder / "openai", _JOB_SECONDS)
        changed = settings.model_copy(update={"azure_openai_endpoint": emulator.url})
        with clock.use(lambda: datetime.fromtimestamp(emulator.clock.now(), UTC)):
            yield World(changed, emulator, emulator.clock)


def test_from_the_catalogue_to_settled(storage_settings: Settings, tmp_path: Path) -> None:
    with emulated(storage_settings, tmp_path) as world:
        steps = Steps(StorageRequests())
        run(world, PRODUCTS, steps)
        steps.report_times(PRODUCTS)


def test_requests_to_storage(storage_settings: Settings, tmp_path: Path) -> None:
    """Apart from the times, which counting would lengthen. What a batch needs once is in it."""
    with emulated(storage_settings, tmp_path) as world, storage_requests() as seen:
        steps = Steps(seen)
        run(world, _COUNTED, steps)
        steps.report_requests(_COUNTED)


def run(world: World, products: int, steps: Steps) -> None:
    services = world.services
    importer = Importer(services.products, services.contents)
    services.summaries.announce(CATEGORY, "Electric Guitars")
    with steps.of("import"):
        for _ in map_ordered(importer.store, catalogue(products)):
            pass
    world.emulator.advance(1)
    batches, settled = [], 0
    while settled < products:
        with steps.of("prepare"):
            batch_id = world.prepare().batch_id
        with steps.of("submit"):
            world.drive(batch_id, until=BatchStatus.INGESTING)
        with steps.of("stage"):
            segments = stage(services, batch_id)
        with steps.of("ingest"):
            for index in range(segments):
                ingest(services, batch_id, index)
        with steps.of("settle"):
            settle(services, batch_id)
        batches.append(services.batches.get(batch_id))
        settled += batches[-1].product_count
    charged = sum(job["requests_completed"] for job in world.emulator.ledger(products=False)["jobs"])
    stored = sum(batch.counts.by_outcome.get(Outcome.STORED, 0) for batch in batches)
    say(f"\n{products:,} products, {charged:,} answers charged, {stored:,} stored, {len(batches)} batches")
    assert charged == sum(batch.counts.total for batch in batches) == products * len(GROUPS)
