"""A page costs requests and rows in proportion to what it shows, however many products there are."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.composition import make_services
from shared.config.deployments import Deployment
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.ids import newest_first_id
from shared.domain.states import BatchStatus
from shared.monitoring.snapshot import read_snapshot
from shared.persistence.product_repository import pending
from shared.services import Services
from tests.examples import product
from tests.storage_requests import storage_requests

FEW, MANY = 60, 600
PAGE = 20


def fill(services: Services, category: str, count: int) -> None:
    """A category of `count` pending products, with its summary."""
    products = [product(product_id=f"{category}-{n:04d}", sku="s", category=category) for n in range(count)]
    rows = [pending(one, utcnow() - timedelta(seconds=1)) for one in products]
    assert services.products.insert(category, rows) == []
    services.summaries.announce(category, category)
    services.summaries.recompute(category)


def cost(work: Callable[[], object]) -> tuple[int, int]:
    """Requests to storage, and rows read."""
    with storage_requests() as seen:
        work()
    return len(seen.sent), seen.rows


@pytest.mark.parametrize("page", [PAGE, 3 * PAGE])
def test_a_page_of_products_costs_its_size(services: Services, page: int) -> None:
    for count in (FEW, MANY):
        category = f"c{count}"
        fill(services, category, count)

        def show(category: str = category) -> None:
            assert len(services.products.page(category, None, page)) == page

        assert cost(show) == (1, page)


def test_a_page_further_down_costs_no_more(services: Services) -> None:
    fill(services, "c", MANY)
    assert cost(lambda: services.products.page("c", "c-0500", PAGE)) == (1, PAGE)


def test_a_page_of_batches_costs_its_size(services: Services) -> None:
    now = utcnow()
    for number in range(3 * PAGE):
        batch_id = newest_first_id(now + timedelta(seconds=number), str(number))
        services.batches.create(
            OpenAIBatch(batch_id=batch_id, filename="f", created_at=now, run_id="r", category="c")
        )
    assert cost(lambda: services.batches.page(PAGE)) == (1, PAGE)


def test_choosing_a_deployment_is_one_listing_of_what_is_open(services: Services) -> None:
    """No read of each open batch, and none of batches that have ended."""
    sweden = Deployment(name="sweden", endpoint="https://sweden.example", deployment="gpt-41-batch")
    services = make_services(services.settings.model_copy(update={"more_deployments": (sweden,)}))
    for number in range(FEW):
        batch = OpenAIBatch(
            batch_id=newest_first_id(utcnow() + timedelta(seconds=number), str(number)), filename="f",
            created_at=utcnow(), run_id="r", category="c", build_id="b",
            status=BatchStatus.COMPLETED if number % 3 == 0 else BatchStatus.CREATED,
            deployment="sweden" if number % 3 == 1 else "default",
            input_tokens_estimate=1_000 + number,
        )  # fmt: skip
        services.batches.create(batch)
    new = newest_first_id(utcnow(), "new")
    services.batches.create(
        OpenAIBatch(batch_id=new, filename="f", created_at=utcnow(), run_id="r", category="c")
    )
    # One request is for the health of the deployments, which has no rows yet.
    assert cost(lambda: services.balancer.choose(new)) == (2, FEW * 2 // 3 + 1)
    # Both have the same number of batches, but those of the first have higher token estimates.
    assert services.balancer.choose(new) == "sweden"


def test_counts_and_the_overview_read_no_product(services: Services) -> None:
    """They read one row per category, however many products it has."""
    fill(services, "few", FEW)
    fill(services, "many", MANY)
    assert cost(services.summaries.all) == (1, 2)
    assert sum(sum(each.by_status.values()) for each in services.summaries.all()) == FEW + MANY
    with storage_requests() as seen:
        read_snapshot(services, utcnow())
    tables = {url.split("?")[0].rsplit("/", 1)[1] for _, url in seen.sent}
    assert not [table for table in tables if "products" in table or "content" in table]
    assert seen.rows <= len(tables) + 2
