"""Regenerating beside a move to another category: the product waits in the category that it moves to."""

from collections.abc import Callable

import pytest

from shared.batching.requeue import requeue_category
from shared.catalogue.importer import Importer
from shared.content.locales import LOCALES
from shared.domain.clock import utcnow
from shared.domain.states import ProductStatus
from shared.domain.task import Requeueing
from shared.persistence.product_repository import ProductRepository
from tests.examples import product
from tests.world import CATEGORY, World

OTHER = "acoustic-guitars"
FACTS = {"category": OTHER, "category_name": "Acoustic Guitars"}


@pytest.fixture
def product_id(world: World) -> str:
    """A completed product with the facts of another category. The next import will move it there.

    The import with these facts came while a batch held the product: its facts changed, its category did not.
    """
    [product_id] = world.fill(1)
    world.services.summaries.announce(OTHER, "Acoustic Guitars")
    batch = world.prepare()
    move(world, product_id)
    world.drive(batch.batch_id)
    world.drive(world.prepare().batch_id)
    row = world.product(product_id)
    assert (row.category, row.category_name) == (CATEGORY, "Acoustic Guitars")
    assert row.openai_processing_status == ProductStatus.COMPLETED
    world.emulator.advance(60)
    return product_id


def move(world: World, product_id: str) -> None:
    facts = product(product_id=product_id, sku=product_id, name=f"Ardena {product_id}", **FACTS)
    Importer(world.services.products, world.services.contents).store(facts)


def regeneration(product_id: str, *categories: str) -> Requeueing:
    made = {"requeueing_id": "r", "created_at": utcnow(), "categories": list(categories)}
    return Requeueing.model_validate({**made, "product_ids": [product_id]})


def assert_waits_where_it_went(world: World, product_id: str) -> None:
    assert world.services.products.get(CATEGORY, product_id) is None
    stored = world.services.products.get(OTHER, product_id)
    assert stored is not None
    assert stored.product.openai_processing_status == ProductStatus.PENDING
    assert world.services.products.due(OTHER, utcnow(), 10) == [product_id]
    assert world.services.products.due(CATEGORY, utcnow(), 10) == []


def at(monkeypatch: pytest.MonkeyPatch, name: str, then: Callable[[], object]) -> None:
    """Do something once, just before the method `name` of `ProductRepository` is called."""
    real = getattr(ProductRepository, name)

    def call(self: ProductRepository, *arguments: object) -> object:
        monkeypatch.setattr(ProductRepository, name, real)
        then()
        return real(self, *arguments)

    monkeypatch.setattr(ProductRepository, name, call)


@pytest.mark.parametrize("call", ["insert", "delete"])
def test_regenerating_in_the_middle_of_a_move(
    world: World, product_id: str, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """The new row was copied from the old one already. Regenerating now changes the old row."""
    requested = regeneration(product_id, CATEGORY)
    at(monkeypatch, call, lambda: requeue_category(world.services, CATEGORY, requested))
    move(world, product_id)
    assert_waits_where_it_went(world, product_id)


def test_a_move_that_ends_between_reading_the_row_and_writing_it(
    world: World, product_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "replace", lambda: move(world, product_id))
    assert requeue_category(world.services, CATEGORY, regeneration(product_id, CATEGORY)) == 1
    assert_waits_where_it_went(world, product_id)


def test_a_move_that_ends_before_the_category_is_worked_on(world: World, product_id: str) -> None:
    requested = regeneration(product_id, CATEGORY)
    move(world, product_id)
    assert requeue_category(world.services, CATEGORY, requested) == 1
    assert_waits_where_it_went(world, product_id)


def test_a_category_that_is_worked_on_again_writes_nothing_twice(world: World, product_id: str) -> None:
    """The activity is delivered again after the product was regenerated."""
    requested = regeneration(product_id, CATEGORY)
    assert requeue_category(world.services, CATEGORY, requested) == 1
    world.emulator.advance(60)
    world.drive(world.prepare().batch_id)
    assert requeue_category(world.services, CATEGORY, requested) == 0
    assert world.product(product_id).openai_processing_status == ProductStatus.COMPLETED
    answered = world.emulator.ledger()["products"][f"Ardena {product_id}"]
    assert answered == dict.fromkeys(LOCALES, 3)
