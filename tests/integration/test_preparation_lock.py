"""The lock on preparing, when another run takes it: nothing is prepared beside that run or lost."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from shared.batching import run_preparation
from shared.batching.claims import BatchClaims, ClaimedProduct
from shared.batching.preparation import Prepared, prepare
from shared.batching.preparation_lock import LOCK_DURATION, PreparationLock
from shared.catalogue.importer import Importer
from shared.domain import clock
from shared.domain.run import Run
from shared.domain.states import BatchStatus, ProductStatus
from shared.persistence import batch_files
from shared.services import Services
from tests.examples import NOW, product

CATEGORY = "electric-guitars"
FIRST, SECOND = "run-1", "run-2"
LOST = Prepared(batch_id=None, products=0, more=False, lock_lost=True)


@dataclass
class Time:
    now: datetime = NOW

    def passes(self, duration: timedelta) -> None:
        self.now += duration


@pytest.fixture
def time() -> Iterator[Time]:
    time = Time()
    with clock.use(lambda: time.now):
        yield time


@pytest.fixture(autouse=True)
def _runs(services: Services, time: Time) -> None:
    """Two runs, of which the first has entered."""
    for run_id in (FIRST, SECOND):
        services.runs.create(Run(run_id=run_id, created_at=time.now))
    assert run_preparation.enter(services, FIRST)


def fill(services: Services, count: int) -> list[str]:
    importer = Importer(services.products, services.contents)
    services.summaries.announce(CATEGORY, "Electric Guitars")
    ids = [f"P-{number:03d}" for number in range(count)]
    for product_id in ids:
        importer.store(product(product_id=product_id, sku=product_id, name=f"Ardena {product_id}"))
    return ids


def products_of(services: Services, prepared: Prepared) -> list[str]:
    assert prepared["batch_id"] is not None
    batch = services.batches.get(prepared["batch_id"])
    assert batch.status == BatchStatus.CREATED
    manifest = batch_files.read_manifest(services.blobs, batch.filename)
    return sorted(sent.product_id for sent in manifest.values())


def second_run_enters(services: Services, time: Time) -> None:
    time.passes(LOCK_DURATION + timedelta(seconds=1))
    assert run_preparation.enter(services, SECOND)


def test_a_run_that_lost_the_lock_prepares_nothing_until_it_is_free_again(
    services: Services, time: Time
) -> None:
    ids = fill(services, 3)
    second_run_enters(services, time)
    assert prepare(services, FIRST, CATEGORY, 0, 0) == LOST
    assert services.batches.page(10) == []
    assert services.runs.batch_ids(FIRST) == []
    for product_id in ids:
        stored, claim = services.products.get(CATEGORY, product_id), services.contents.claim(product_id)
        assert stored is not None
        assert claim is not None
        assert (stored.product.openai_processing_status, claim.batch_id) == (ProductStatus.PENDING, None)
    assert products_of(services, prepare(services, SECOND, CATEGORY, 0, 2)) == ids[:2]
    assert prepare(services, FIRST, CATEGORY, 0, 0) == LOST
    run_preparation.leave(services, SECOND, [])
    assert run_preparation.enter(services, FIRST)
    assert products_of(services, prepare(services, FIRST, CATEGORY, 0, 0)) == ids[2:]


def test_a_lock_that_expired_and_is_not_held_by_another_run_is_taken_again(
    services: Services, time: Time
) -> None:
    ids = fill(services, 2)
    time.passes(LOCK_DURATION * 2)
    assert products_of(services, prepare(services, FIRST, CATEGORY, 0, 0)) == ids
    assert not run_preparation.enter(services, SECOND)


def test_a_build_that_loses_the_lock_stops_and_is_built_to_the_end_later(
    services: Services, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chunk that was claimed stays the first run's; the other run prepares the rest."""
    ids = fill(services, 60)
    take = BatchClaims.take

    def take_slowly(self: BatchClaims, product_ids: Sequence[str]) -> list[ClaimedProduct]:
        claimed = take(self, product_ids)
        second_run_enters(services, time)
        return claimed

    with monkeypatch.context() as patch:
        patch.setattr(BatchClaims, "take", take_slowly)
        assert prepare(services, FIRST, CATEGORY, 0, 0) == LOST
    [begun] = services.batches.page(10)
    assert begun.status == BatchStatus.BUILDING
    others = products_of(services, prepare(services, SECOND, CATEGORY, 0, 0))
    run_preparation.leave(services, SECOND, [])
    assert run_preparation.enter(services, FIRST)
    prepared = prepare(services, FIRST, CATEGORY, 0, 0)
    assert prepared["batch_id"] == begun.batch_id
    own = products_of(services, prepared)
    assert (len(own), len(others)) == (50, 10)
    assert sorted(own + others) == ids


def test_a_build_that_takes_long_keeps_the_lock(
    services: Services, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = fill(services, 160)
    take = BatchClaims.take
    entered = []

    def take_slowly(self: BatchClaims, product_ids: Sequence[str]) -> list[ClaimedProduct]:
        time.passes(LOCK_DURATION / 2)
        entered.append(run_preparation.enter(services, SECOND))
        return take(self, product_ids)

    monkeypatch.setattr(BatchClaims, "take", take_slowly)
    assert products_of(services, prepare(services, FIRST, CATEGORY, 0, 0)) == ids
    assert entered == [False] * 4


def test_activities_of_one_run_that_renew_at_once_keep_the_lock(services: Services) -> None:
    """A fan-out of 50 categories. Each writes the row that all of them read."""
    together = threading.Barrier(50)

    def renew(_: int) -> None:
        together.wait()
        PreparationLock(services.runs, FIRST).renew()

    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(renew, range(50))) == [None] * 50
    assert not run_preparation.enter(services, SECOND)
