"""The app's steps on real storage and the emulated service, on one virtual clock, without a host."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import orjson

from activities import run_steps
from activities.check_batch import check
from activities.ingest_segment import ingest
from activities.settle_batch import settle
from activities.stage_results import stage
from activities.submit_batch import submit
from local.openai_emulator import EmulatorConfig, ManualClock, RunningEmulator, running
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
from shared.workflow.names import CHECK_BATCH, STAGE_RESULTS, SUBMIT_BATCH
from shared.workflow.next_step import DONE, Step
from tests.emulator_process import EmulatorProcess
from tests.examples import NOW, plan, product

CATEGORY = "electric-guitars"
# More steps than any batch of a test needs; one that loops is a failure.
_MOST_STEPS = 200


@dataclass
class World:
    """Settings and an emulator, and what a test does with them."""

    settings: Settings
    emulator: RunningEmulator | EmulatorProcess
    clock: ManualClock
    runs: int = 0

    def __post_init__(self) -> None:
        self.services = make_services(self.settings)

    def set(self, **changes: object) -> None:
        """Go on with other settings, as after a restart."""
        self.settings = self.settings.model_copy(update=changes)
        self.services = make_services(self.settings)

    def fill(self, count: int) -> list[str]:
        """Import `count` products of one category; the answer is their ids."""
        importer = Importer(self.services.products, self.services.contents)
        self.services.summaries.announce(CATEGORY, "Electric Guitars")
        ids = [f"P-{number:03d}" for number in range(count)]
        for product_id in ids:
            importer.store(product(product_id=product_id, sku=product_id, name=f"Ardena {product_id}"))
        return ids

    def change(self, product_id: str, **facts: object) -> None:
        """Import a product anew with other facts."""
        fields = {"product_id": product_id, "sku": product_id, "name": f"Ardena {product_id}", **facts}
        Importer(self.services.products, self.services.contents).store(product(**fields))

    def prepare(self, limit: int = 0) -> OpenAIBatch:
        """A run's one batch of the category, built."""
        self.runs += 1
        run_id = f"run-{self.runs}"
        self.services.runs.create(Run(run_id=run_id, created_at=clock.utcnow()))
        assert run_steps.enter(self.services, run_id)
        prepared = prepare(self.services, run_id, CATEGORY, 0, limit)
        run_steps.leave(self.services, run_id, [])
        assert prepared["batch_id"] is not None
        return self.services.batches.get(prepared["batch_id"])

    def run(self, limit: int = 0) -> Run:
        """A run of the category to its end: batches one after another, each driven."""
        self.runs += 1
        run_id = f"run-{self.runs}"
        self.services.runs.create(Run(run_id=run_id, created_at=clock.utcnow(), category_limit=limit))
        assert run_steps.enter(self.services, run_id)
        more, sequence, batches = True, 0, []
        while more:
            prepared = prepare(self.services, run_id, CATEGORY, sequence, limit)
            more, sequence = prepared["more"], sequence + 1
            if prepared["batch_id"]:
                batches.append(prepared["batch_id"])
        run_steps.leave(self.services, run_id, [])
        for batch_id in batches:
            self.drive(batch_id)
        while not run_steps.check(self.services, run_id):
            online = online_round.not_started(self.services, run_id)
            assert online, "nothing of the run can be driven on"
            for batch_id in online:
                self.drive(batch_id)
        return self.services.runs.get(run_id)

    def drive(self, batch_id: str, until: BatchStatus | None = None) -> OpenAIBatch:
        """Take a batch through its steps as its lifecycle does, moving the clock where it would wait."""
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
    """A world in which a job takes a minute and nothing moves by itself."""
    virtual = ManualClock(NOW.timestamp())
    config = config or EmulatorConfig(data=data, port=0, job_seconds=60)
    own_storage = settings.storage_connection_string.get_secret_value()
    config = replace(config, storage_connection_string=config.storage_connection_string or own_storage)
    with (
        running(config, virtual) as emulator,
        clock.use(lambda: datetime.fromtimestamp(virtual.now(), UTC), emulator.advance),
    ):
        yield World(settings.model_copy(update={"azure_openai_endpoint": emulator.url}), emulator, virtual)
