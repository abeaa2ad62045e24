"""The app's steps on real storage and the emulated service, on one virtual clock, without a host."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import orjson

from activities import run_steps
from local.openai_emulator import EmulatorConfig, ManualClock, Rule, running
from shared.batching import run_preparation
from shared.batching.batch_submission import submit
from shared.batching.job_check import check
from shared.batching.preparation import prepare
from shared.catalogue.importer import Importer
from shared.composition import make_services
from shared.config.settings import Settings
from shared.content.content_records import Candidate
from shared.content.locales import LOCALES
from shared.domain import clock
from shared.domain.batch import OpenAIBatch
from shared.domain.product import Product
from shared.domain.run import Run
from shared.domain.states import BatchStatus
from shared.online_fallback import online_round
from shared.openai_batch.request_lines import output_cap
from shared.results.batch_settlement import settle
from shared.results.segment_ingestion import ingest
from shared.results.staging import stage
from shared.workflow.names import CHECK_BATCH, STAGE_RESULTS, SUBMIT_BATCH
from shared.workflow.next_step import DONE, Step
from tests.examples import NOW, plan, product

CATEGORY = "electric-guitars"
# More steps than any batch of a test needs. A batch that needs more loops.
_MOST_STEPS = 200
# How long an emulated job takes, on the virtual clock.
JOB_SECONDS = 60


class Emulator(Protocol):
    """What a test needs of the emulator, wherever it runs. See `RunningEmulator`."""

    url: str

    def ledger(self, products: bool = True) -> dict[str, Any]: ...

    def journal(self, call: str | None = None) -> list[dict[str, Any]]: ...

    def faults(self, *rules: Rule | dict[str, Any]) -> None: ...

    def clear_faults(self) -> None: ...

    def advance(self, seconds: float) -> None: ...


@dataclass
class World:
    """Settings, an emulator and services, with the actions that tests share."""

    settings: Settings
    emulator: Emulator
    clock: ManualClock
    runs: int = 0

    def __post_init__(self) -> None:
        self.services = make_services(self.settings)

    def set(self, **changes: object) -> None:
        """Change settings, as a restart does."""
        self.settings = self.settings.model_copy(update=changes)
        self.services = make_services(self.settings)

    def fill(self, count: int) -> list[str]:
        """Import `count` products of one category. Returns their ids."""
        importer = Importer(self.services.products, self.services.contents)
        self.services.summaries.announce(CATEGORY, "Electric Guitars")
        ids = [f"P-{number:03d}" for number in range(count)]
        for product_id in ids:
            importer.store(product(product_id=product_id, sku=product_id, name=f"Ardena {product_id}"))
        return ids

    def change(self, product_id: str, **facts: object) -> None:
        """Import a product again, with other facts."""
        fields = {"product_id": product_id, "sku": product_id, "name": f"Ardena {product_id}", **facts}
        Importer(self.services.products, self.services.contents).store(product(**fields))

    def prepare(self, limit: int = 0) -> OpenAIBatch:
        """Start a run and build its one batch of the category."""
        self.runs += 1
        run_id = f"run-{self.runs}"
        self.services.runs.create(Run(run_id=run_id, created_at=clock.utcnow()))
        assert run_preparation.enter(self.services, run_id)
        prepared = prepare(self.services, run_id, CATEGORY, 0, limit)
        run_preparation.leave(self.services, run_id, [])
        assert prepared["batch_id"] is not None
        return self.services.batches.get(prepared["batch_id"])

    def run(self, limit: int = 0) -> Run:
        """Run the category to its end. Its batches are driven one after another."""
        self.runs += 1
        run_id = f"run-{self.runs}"
        self.services.runs.create(Run(run_id=run_id, created_at=clock.utcnow(), category_limit=limit))
        assert run_preparation.enter(self.services, run_id)
        more, sequence, batches = True, 0, []
        while more:
            prepared = prepare(self.services, run_id, CATEGORY, sequence, limit)
            more, sequence = prepared["more"], sequence + 1
            if prepared["batch_id"]:
                batches.append(prepared["batch_id"])
        run_preparation.leave(self.services, run_id, [])
        for batch_id in batches:
            self.drive(batch_id)
        while not run_steps.check(self.services, run_id):
            online = online_round.batches_to_start(self.services, run_id)
            assert online, "nothing of the run can be driven on"
            for batch_id in online:
                self.drive(batch_id)
        return self.services.runs.get(run_id)

    def drive(self, batch_id: str, until: BatchStatus | None = None) -> OpenAIBatch:
        """Take a batch through the steps of its lifecycle. The clock moves on where it would wait."""
        step = Step(next=SUBMIT_BATCH, wait_seconds=0)
        for _ in range(_MOST_STEPS):
            if step["next"] == DONE or self.services.batches.get(batch_id).status == until:
                return self.services.batches.get(batch_id)
            self.emulator.advance(step["wait_seconds"])
            step = self.step(batch_id, step["next"])
        raise AssertionError(f"batch {batch_id} does not end: {self.services.batches.get(batch_id)}")

    def step(self, batch_id: str, name: str) -> Step:
        if name == SUBMIT_BATCH:
            return submit(self.services, batch_id)
        if name == CHECK_BATCH:
            return check(self.services, batch_id)
        assert name == STAGE_RESULTS
        for index in range(stage(self.services, batch_id)):
            ingest(self.services, batch_id, index)
        settle(self.services, batch_id)
        return Step(next=DONE, wait_seconds=0)

    def output_caps(self, batch: OpenAIBatch) -> int:
        """The output tokens that all requests of a batch may use together."""
        lines = self.services.blobs.lines(batch.filename)
        return sum(orjson.loads(line)["body"]["max_tokens"] for line in lines)

    def worst_cost(self) -> float:
        """The most that all locales of one product of `fill` may cost, in USD."""
        caps = sum(output_cap(self.settings, plan(), (locale,), facts=False) for locale in LOCALES)
        return self.settings.cost_of(11_000, caps)

    def product(self, product_id: str) -> Product:
        stored = self.services.products.get(CATEGORY, product_id)
        assert stored is not None
        return stored.product

    def candidates(self, product_id: str) -> dict[str, Candidate]:
        return {item.part: item for item in self.services.contents.candidates(product_id)}


@contextmanager
def make_world(settings: Settings, data: Path, config: EmulatorConfig | None = None) -> Iterator[World]:
    """A world in which a job takes a minute. Time passes only when a test moves the clock."""
    virtual = ManualClock(NOW.timestamp())
    config = config or EmulatorConfig(data=data, port=0, job_seconds=JOB_SECONDS)
    own_storage = settings.storage_connection_string.get_secret_value()
    config = replace(config, storage_connection_string=config.storage_connection_string or own_storage)
    with (
        running(config, virtual) as emulator,
        clock.use(lambda: datetime.fromtimestamp(virtual.now(), UTC), emulator.advance),
    ):
        yield World(settings.model_copy(update={"azure_openai_endpoint": emulator.url}), emulator, virtual)
