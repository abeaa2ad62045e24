"""Selecting work: which products and locales a run takes, and what sets products to pending again."""

from datetime import timedelta

import pytest

from local.openai_emulator import Effect, Rule
from shared.batching import run_preparation
from shared.batching.preparation import prepare
from shared.batching.requeue import requeue_category
from shared.batching.selection import select
from shared.catalogue.importer import Importer
from shared.content.locales import LOCALES
from shared.domain.clock import utcnow
from shared.domain.ids import brand_slug, slugify
from shared.domain.outcome import Outcome
from shared.domain.run import Run
from shared.domain.states import ProductStatus
from shared.domain.task import Requeueing
from shared.persistence import batch_files
from shared.persistence.parallel import WINDOW
from shared.persistence.product_repository import pending
from shared.services import Services
from tests.examples import product
from tests.storage_requests import storage_requests
from tests.world import CATEGORY, World

# All parts that are requested for a product, in the order of the requests.
PARTS = ("facts", *LOCALES)


def prepared(world: World, **work: object) -> list[tuple[str, ...]]:
    """Product and parts of every request that a run with this work would send."""
    run_id = f"chosen-{utcnow().timestamp()}-{len(str(work))}"
    world.services.runs.create(Run.model_validate({"run_id": run_id, "created_at": utcnow(), **work}))
    assert run_preparation.enter(world.services, run_id)
    batch = prepare(world.services, run_id, CATEGORY, 0, 0)
    run_preparation.leave(world.services, run_id, [])
    if batch["batch_id"] is None:
        return []
    manifest = batch_files.read_manifest(
        world.services.blobs, world.services.batches.get(batch["batch_id"]).filename
    )
    return [
        (sent.product_id, *(part for group in sent.groups for part in group)) for sent in manifest.values()
    ]


def choice(**fields: object) -> Requeueing:
    return Requeueing.model_validate({"requeueing_id": "r", "created_at": utcnow(), **fields})


def completed(world: World, count: int = 1) -> list[str]:
    ids = world.fill(count)
    world.drive(world.prepare().batch_id)
    assert {world.product(product_id).openai_processing_status for product_id in ids} == {
        ProductStatus.COMPLETED
    }
    return ids


def test_named_products_are_taken_even_before_they_are_due(world: World) -> None:
    first, second = world.fill(2)
    stored = world.services.products.get(CATEGORY, second)
    assert stored is not None
    later = pending(stored.product, utcnow() + timedelta(hours=5))
    assert world.services.products.replace(CATEGORY, [(stored, later)]) == []
    assert prepared(world, product_ids=[second]) == [(second, *PARTS)]
    assert prepared(world, product_ids=[second, first]) == [(first, *PARTS)]


def test_a_brand_selects_among_the_due_products(world: World) -> None:
    world.fill(2)
    other = product(product_id="O-1", sku="O-1", brand="Séranique & Sons")
    Importer(world.services.products, world.services.contents).store(other)
    assert prepared(world, brand="seranique-sons") == [("O-1", *PARTS)]
    assert prepared(world, brand="nobody") == []


def test_named_products_of_other_brands_are_not_taken(world: World) -> None:
    [product_id] = world.fill(1)
    assert prepared(world, product_ids=[product_id], brand="nobody-of-ours") == []
    brand = world.product(product_id).brand_slug
    assert prepared(world, product_ids=[product_id], brand=brand) == [(product_id, *PARTS)]


@pytest.mark.parametrize("brand", ["ヤマハ", "Kieselton ヤマハ"])
def test_a_brand_in_another_script_is_found_also_where_the_first_version_queued_it(
    world: World, brand: str
) -> None:
    world.fill(2)
    other = product(product_id="O-1", sku="O-1", brand=brand)
    Importer(world.services.products, world.services.contents).store(other)
    table = world.services.products._table
    for marker in list(table.query(CATEGORY, start="~q", end="~r")):
        if marker["RowKey"].endswith("~O-1"):
            table.transact([[("upsert", {**marker, "brand": slugify(brand)})]])
    assert prepared(world, brand=brand_slug("ローランド-nobody")) == []
    assert prepared(world, brand=brand_slug(brand)) == [("O-1", *PARTS)]


def test_only_some_locales_are_requested_and_the_product_waits_for_the_others(world: World) -> None:
    [product_id] = world.fill(1)
    assert prepared(world, locales=["fr-FR"]) == [(product_id, "facts", "fr-FR")]
    [batch] = world.services.batches.page(1)
    world.drive(batch.batch_id)
    row = world.product(product_id)
    assert (row.openai_processing_status, row.attempts) == (ProductStatus.PENDING, 0)
    assert set(world.candidates(product_id)) == {"facts", "fr-FR"}
    assert prepared(world, locales=["fr-FR"]) == []
    assert prepared(world) == [(product_id, *(locale for locale in LOCALES if locale != "fr-FR"))]


def test_only_the_new_one_is_due_when_a_locale_is_added(world: World) -> None:
    world.set(locales=("en-GB", "de-DE"))
    [product_id] = completed(world)
    assert prepared(world) == []
    world.set(locales=("en-GB", "de-DE", "it-IT"))
    assert prepared(world) == [(product_id, "it-IT")]


def test_regenerating_serves_published_texts_until_new_ones_are_stored(world: World) -> None:
    [product_id] = completed(world)
    before = {item.locale: item for item in world.services.contents.served(product_id).published}
    assert requeue_category(world.services, CATEGORY, choice(locales=["de-DE"])) == 1
    assert {item.locale: item.content for item in world.services.contents.served(product_id).published} == {
        locale: item.content for locale, item in before.items()
    }
    assert world.product(product_id).openai_processing_status == ProductStatus.PENDING
    world.emulator.advance(60)
    batch = world.drive(world.prepare().batch_id)
    assert batch.counts.by_outcome == {Outcome.STORED: 1}
    after = {item.locale: item for item in world.services.contents.served(product_id).published}
    assert after["de-DE"].batch_id == batch.batch_id
    assert after["en-GB"] == before["en-GB"]
    assert world.product(product_id).openai_processing_status == ProductStatus.COMPLETED


def test_regenerating_chooses_what_matches_every_condition(world: World) -> None:
    [first, second] = completed(world, 2)
    services = world.services
    assert requeue_category(services, CATEGORY, choice(brand="nobody")) == 0
    assert requeue_category(services, CATEGORY, choice(model="gpt-9")) == 0
    assert requeue_category(services, CATEGORY, choice(prompt_version="v0", product_ids=[first])) == 0
    assert requeue_category(services, CATEGORY, choice(model="gpt-4.1-2025-04-14", product_ids=[first])) == 1
    assert world.product(second).openai_processing_status == ProductStatus.COMPLETED
    assert requeue_category(services, CATEGORY, choice(brand="ardena")) == 2


def test_what_failed_with_one_outcome_can_be_requested_again_at_once(world: World) -> None:
    good, bad = world.fill(2)
    world.emulator.faults(
        Rule(on="request", match={"custom_id": "^000001-4$"}, effect=Effect(refusal=True), times=None)
    )
    world.drive(world.prepare().batch_id)
    assert prepared(world) == []
    assert requeue_category(world.services, CATEGORY, choice(outcome=Outcome.TRUNCATED)) == 0
    assert requeue_category(world.services, CATEGORY, choice(outcome=Outcome.REFUSED)) == 1
    assert prepared(world) == [(bad, "de-DE")]
    assert world.product(good).openai_processing_status == ProductStatus.COMPLETED


def test_a_locale_that_used_up_its_attempts_is_not_selected(world: World) -> None:
    """It is needed and may not be retried. The product keeps waiting for its other locales."""
    world.set(max_attempts=1)
    [product_id] = world.fill(1)
    world.emulator.faults(Rule(on="request", effect=Effect(refusal=True), times=None))
    [(_, *requested)] = prepared(world, locales=["fr-FR"])
    assert requested[-1] == "fr-FR"
    [batch] = world.services.batches.page(1)
    world.drive(batch.batch_id)
    world.emulator.advance(86_400)
    run = Run(run_id="r", created_at=utcnow(), locales=["fr-FR"])
    assert select(world.services, run, CATEGORY, 5) == []
    assert select(world.services, run.model_copy(update={"locales": ["fr-FR", "de-DE"]}), CATEGORY, 5) == [
        product_id
    ]


@pytest.mark.parametrize("locales", [[], ["fr-FR"]])
def test_choosing_a_few_costs_the_same_however_many_wait(services: Services, locales: list[str]) -> None:
    run = Run(run_id="r", created_at=utcnow(), locales=locales)
    for limit in (1, 20):
        for waiting in (100, 600):
            category = f"c{waiting}x{limit}x"
            ids = [f"{category}{number}" for number in range(waiting)]
            products = [product(product_id=one, sku=one, category=category) for one in ids]
            rows = [pending(one, utcnow() - timedelta(seconds=1)) for one in products]
            assert services.products.insert(category, rows) == []
            with storage_requests() as seen:
                assert select(services, run, category, limit) == sorted(ids)[:limit]
            # A page of markers, and two reads (row and content state) for each product that is checked.
            most = 2 * (limit + WINDOW) if locales else 0
            assert len([url for _, url in seen.sent if category in url]) <= most + 2
