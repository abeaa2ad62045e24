"""The same work twice at once, in threads that begin together: the result is as if it ran once."""

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.batching.batch_submission import submit
from shared.batching.claims import BatchClaims, ClaimedProduct
from shared.batching.current_build import BuildLost
from shared.batching.job_check import check
from shared.batching.preparation import Prepared, prepare
from shared.batching.preparation_lock import LOCK_DURATION
from shared.batching.submission_lease import LeaseLost
from shared.catalogue.importer import Importer
from shared.composition import make_services
from shared.content.locales import LOCALES
from shared.domain.clock import utcnow
from shared.domain.run import NIGHTLY, Run
from shared.domain.states import BatchStatus, ProductStatus
from shared.persistence import batch_files
from shared.persistence.read_modify_write import ConcurrentUpdate
from shared.results.batch_settlement import settle
from shared.results.segment_ingestion import ingest
from shared.results.staging import stage
from tests.examples import product
from tests.faults.harness.ends import look
from tests.faults.harness.matrix import points, worlds
from tests.faults.harness.points import Fault, Injector, Point
from tests.faults.harness.scenarios import SCENARIOS, Names, imported, play_run, request_cancels
from tests.faults.harness.shop import Shop
from tests.world import CATEGORY, World
from triggers.start_work import Work, create_run

LOST_RACES = (LeaseLost, BuildLost, ConcurrentUpdate)


def together(*works: Callable[[], Any]) -> list[Any]:
    """Do things in threads that begin at one moment. Work that lost a race returns its error."""
    barrier = threading.Barrier(len(works))

    def begin(work: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return work()
        except LOST_RACES as error:
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))


def assert_all_answered_once(world: World, ids: list[str]) -> None:
    ledger = world.emulator.ledger()
    assert ledger["products"] == {f"Ardena {product_id}": dict.fromkeys(LOCALES, 1) for product_id in ids}
    assert ledger["files"]["present"] == 0
    for product_id in ids:
        claim = world.services.contents.claim(product_id)
        assert claim is not None
        assert claim.batch_id is None
        assert world.product(product_id).openai_processing_status == ProductStatus.COMPLETED
    for batch in world.services.batches.page(100):
        assert batch.counts.total == batch.request_count


@pytest.mark.parametrize("submits", [True, False])
def test_two_runs_that_prepare_at_once_share_no_product(
    world: World, submits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run's lock expires while it claims, and both claim at once; also beside a manual create."""
    ids = world.fill(6)
    for run_id, submit_it in (("run-a", True), ("run-b", submits)):
        world.services.runs.create(Run(run_id=run_id, created_at=utcnow(), submit=submit_it))
    first_claims, both_claim = threading.Event(), threading.Barrier(2)
    take = BatchClaims.take

    def take_together(self: BatchClaims, product_ids: Sequence[str]) -> list[ClaimedProduct]:
        first_claims.set()
        both_claim.wait(30)
        return take(self, product_ids)

    def prepare_second() -> Prepared:
        assert first_claims.wait(30)
        world.emulator.advance(LOCK_DURATION.total_seconds() + 1)
        return prepare(make_services(world.settings), "run-b", CATEGORY, 0, 0)

    monkeypatch.setattr(BatchClaims, "take", take_together)
    prepared = together(
        lambda: prepare(make_services(world.settings), "run-a", CATEGORY, 0, 0), prepare_second
    )
    monkeypatch.undo()
    batches = [world.services.batches.get(one["batch_id"]) for one in prepared if one["batch_id"]]
    sent = [
        line.product_id
        for batch in batches
        for line in batch_files.read_manifest(world.services.blobs, batch.filename).values()
    ]
    assert sorted(sent) == ids
    for batch in batches:
        world.drive(batch.batch_id)
    assert_all_answered_once(world, ids)


def test_one_build_delivered_twice(world: World) -> None:
    ids = world.fill(6)
    world.services.runs.create(Run(run_id="run-a", created_at=utcnow()))
    together(*[lambda: prepare(make_services(world.settings), "run-a", CATEGORY, 0, 0)] * 2)
    prepared = prepare(world.services, "run-a", CATEGORY, 0, 0)
    assert prepared["products"] == 6
    world.drive(prepared["batch_id"] or "")
    assert_all_answered_once(world, ids)


def test_a_batch_that_is_submitted_twice_at_once(world: World) -> None:
    ids = world.fill(2)
    batch_id = world.prepare().batch_id
    for _ in range(4):
        together(*[lambda: submit(make_services(world.settings), batch_id)] * 2)
        world.emulator.advance(60)
    world.drive(batch_id)
    assert_all_answered_once(world, ids)
    assert len(world.emulator.ledger()["jobs"]) == 1


def test_results_that_are_processed_twice_at_once(world: World) -> None:
    """process-results during ingestion, and each of its steps delivered twice."""
    ids = world.fill(3)
    world.set(segment_bytes=20_000)
    batch_id = world.prepare().batch_id
    world.drive(batch_id, until=BatchStatus.IN_PROGRESS)
    world.emulator.advance(3600)
    together(*[lambda: check(make_services(world.settings), batch_id)] * 2)

    def results() -> None:
        services = make_services(world.settings)
        for index in range(stage(services, batch_id)):
            ingest(services, batch_id, index)
        settle(services, batch_id)

    together(results, results)
    assert_all_answered_once(world, ids)


def test_imports_and_moves_beside_a_run(world: World) -> None:
    """Every product changes and moves while it is prepared, while its job runs and while it is settled."""
    ids = world.fill(4)
    world.services.runs.create(Run(run_id="run-a", created_at=utcnow()))

    def move(description: str, category: str) -> None:
        services = make_services(world.settings)
        importer = Importer(services.products, services.contents)
        for product_id in ids:
            facts = {"name": f"Ardena {product_id}", "description": description, "category": category}
            importer.store(product(product_id=product_id, sku=product_id, **facts))

    [prepared, *_] = together(
        lambda: prepare(make_services(world.settings), "run-a", CATEGORY, 0, 0),
        lambda: move("Ash body.", "guitars"),
        lambda: move("Ash body.", "guitars"),
    )
    if prepared["batch_id"]:
        world.drive(prepared["batch_id"], until=BatchStatus.INGESTING)
        together(lambda: world.drive(prepared["batch_id"]), lambda: move("Alder body.", "guitars"))
    move("Alder body.", "guitars")
    for product_id in ids:
        claim = world.services.contents.claim(product_id)
        assert claim is not None
        assert (claim.category, claim.batch_id, claim.moving) == ("guitars", None, None)
        assert world.services.products.get(CATEGORY, product_id) is None
        row = world.services.products.get("guitars", product_id)
        assert row is not None
        assert row.product.openai_processing_status == ProductStatus.PENDING
    waiting = world.services.products.due("guitars", utcnow(), 100)
    assert sorted(waiting) == ids
    assert world.services.products.due(CATEGORY, utcnow(), 100) == []


def test_a_nightly_timer_that_fires_twice_makes_one_run(world: World) -> None:
    runs = together(
        *[lambda: create_run(make_services(world.settings), Work(NIGHTLY, True), "nightly/2026-11-24T03:00")]
        * 2
    )
    assert runs[0].run_id == runs[1].run_id
    assert world.services.runs.open_ids() == [runs[0].run_id]


class CancellingShop(Shop):
    """At the injector's point every open batch is cancelled, and no lifecycle is woken."""

    def _second(self, *_: Any) -> None:
        step, self.injector.step = self.injector.step, None
        request_cancels(self)
        self.injector.step = step


@pytest.fixture
def made(azurite: str) -> Iterator[Iterator[World]]:
    with worlds(azurite, f"c{uuid.uuid4().hex[:8]}") as made:
        yield made


@pytest.mark.timeout(400)  # half a minute of work, on a busy machine a few times that
def test_a_cancel_at_every_call_of_a_batchs_steps(made: Iterator[World]) -> None:
    """What was answered is stored, the rest waits for the next run; nothing is answered twice."""
    found = [
        point for point in points(next(made), SCENARIOS[0]) if point.step in ("submit", "check", "stage")
    ]
    assert len(found) > 20
    world = next(made)
    for number, point in enumerate(found):
        cancel_at(world, point, f"c{number}")


def cancel_at(world: World, point: Point, seed: str) -> None:
    names, shop = Names(seed), CancellingShop(world)
    imported(shop, names)
    shop.arm(Injector({point: Fault.TWICE}))
    play_run(shop, names)
    assert shop.injector.struck == [point]
    world.emulator.advance(2 * 3600)
    play_run(shop, names, 2)
    end = look(shop, names, names.once())
    assert end.good, f"cancelled at {point}: {end}"
