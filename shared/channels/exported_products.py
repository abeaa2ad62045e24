"""The products of a category that an export writes."""

from collections.abc import Iterator

from shared.content.locale_negotiation import was_updated
from shared.domain.errors import UnreadableRow
from shared.domain.product import Product
from shared.domain.task import Export
from shared.services import Services


def exported_products(
    services: Services, category: str, export: Export, unreadable: list[UnreadableRow]
) -> Iterator[Product]:
    """The products that the shop carries and that changed since `export.updated_since`.

    Rows that cannot be read are added to `unreadable` while the products are consumed.
    """
    products = (stored.product for stored in services.products.scan(category, unreadable.append))
    return (
        product
        for product in products
        if not product.discontinued_at and was_updated(product, export.updated_since)
    )
