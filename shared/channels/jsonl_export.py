"""Exporting content: the products of a category as JSON Lines, written as a stream."""

from collections.abc import Iterator

import orjson

from shared.content.document import build_document
from shared.content.locale_negotiation import was_updated
from shared.domain.product import Product
from shared.domain.task import Export
from shared.persistence.parallel import map_ordered
from shared.services import Services


def export_category(services: Services, category: str, export: Export) -> int:
    """Write the documents of a category's products that have content. Returns the number of documents.

    Calling it again writes the same file.
    """
    locales = tuple(export.locales) or services.settings.locales
    count = 0

    def lines() -> Iterator[bytes]:
        nonlocal count
        products = _chosen(services, category, export)
        for line in map_ordered(lambda product: _line(services, product, locales), products):
            if line is not None:
                count += 1
                yield line

    services.blobs.write(f"{export.prefix}{category}.jsonl", lines())
    return count


def _chosen(services: Services, category: str, export: Export) -> Iterator[Product]:
    products = (stored.product for stored in services.products.scan(category))
    return (
        product
        for product in products
        if not product.discontinued_at and was_updated(product, export.updated_since)
    )


def _line(services: Services, product: Product, locales: tuple[str, ...]) -> bytes | None:
    served = services.contents.served(product.product_id).only(locales)
    if not served.published:
        return None
    content = build_document(product, served, locales)
    return orjson.dumps(
        {"product_id": product.product_id, "content": content}, option=orjson.OPT_APPEND_NEWLINE
    )
