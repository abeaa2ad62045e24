from datetime import timedelta

import pytest

from shared.domain.errors import WrongState
from shared.domain.product import Product
from shared.domain.states import ProductStatus
from shared.persistence.product_repository import StoredProduct, pending
from shared.services import Services
from tests.examples import NOW, product

CATEGORY = "electric-guitars"


def insert(services: Services, *products: Product) -> None:
    assert services.products.insert(CATEGORY, products) == []


def stored(services: Services, product_id: str) -> StoredProduct:
    found = services.products.get(CATEGORY, product_id)
    assert found is not None
    return found


def waiting(product_id: str, minutes: int) -> Product:
    return pending(product(product_id=product_id), NOW + timedelta(minutes=minutes))


def test_a_product_is_read_as_it_was_stored(services: Services) -> None:
    before = pending(
        product(msrp_price=1299.5, description="ж" * 15_000, specs={"Größe": '10"', "a/b#c?": "~"}), NOW
    )
    insert(services, before)
    assert stored(services, before.product_id).product == before


def test_due_products_come_earliest_first_and_up_to_the_limit(services: Services) -> None:
    insert(services, waiting("C", 3), waiting("A", 1), waiting("B", 2), waiting("later", 60))
    assert services.products.due(CATEGORY, NOW + timedelta(minutes=5), 10) == ["A", "B", "C"]
    assert services.products.due(CATEGORY, NOW + timedelta(minutes=5), 2) == ["A", "B"]
    assert services.products.due(CATEGORY, NOW, 10) == []


def test_the_marker_moves_with_the_product(services: Services) -> None:
    insert(services, waiting("A", 0))
    found = stored(services, "A")
    processing = found.product.model_copy(
        update={"openai_processing_status": ProductStatus.PROCESSING, "due_at": None}
    )
    assert services.products.replace(CATEGORY, [(found, processing)]) == []
    assert services.products.due(CATEGORY, NOW + timedelta(days=1), 10) == []
    again = pending(processing, NOW + timedelta(hours=1))
    assert services.products.replace(CATEGORY, [(stored(services, "A"), again)]) == []
    assert services.products.due(CATEGORY, NOW + timedelta(hours=2), 10) == ["A"]


def test_a_product_that_changed_is_reported_and_the_others_are_written(services: Services) -> None:
    insert(services, *(waiting(str(number), 0) for number in range(120)))
    before = [stored(services, str(number)) for number in range(120)]
    changed = before[70]
    newer = changed.product.model_copy(update={"description": "changed by another writer"})
    assert services.products.replace(CATEGORY, [(changed, newer)]) == []
    after = [
        item.product.model_copy(update={"openai_processing_status": ProductStatus.PROCESSING, "due_at": None})
        for item in before
    ]
    assert services.products.replace(CATEGORY, list(zip(before, after, strict=True))) == [70]
    assert stored(services, "70").product == newer
    counts = services.products.count_category(CATEGORY).by_status
    assert counts == {ProductStatus.PROCESSING: 119, ProductStatus.PENDING: 1}


def test_a_product_that_exists_is_not_inserted_again(services: Services) -> None:
    insert(services, waiting("A", 0))
    assert services.products.insert(CATEGORY, [waiting("A", 5), waiting("B", 5)]) == [0]
    assert stored(services, "B").product.product_id == "B"


def test_a_status_that_may_not_follow_is_refused(services: Services) -> None:
    insert(services, waiting("A", 0))
    found = stored(services, "A")
    completed = found.product.model_copy(update={"openai_processing_status": ProductStatus.COMPLETED})
    services.products.replace(CATEGORY, [(found, completed)])
    found = stored(services, "A")
    failed = found.product.model_copy(update={"openai_processing_status": ProductStatus.FAILED})
    with pytest.raises(WrongState, match="is completed and cannot become failed"):
        services.products.replace(CATEGORY, [(found, failed)])
