"""Exporting content: the products of a category as JSON Lines, written as a stream."""

from collections.abc import Iterator
from typing import Any

import orjson

from shared.channels.exported_products import exported_products
from shared.content.document import build_document
from shared.domain.errors import UnreadableRow
from shared.domain.product import Product
from shared.domain.stored import STORE_VERSION, VERSION_FIELD
from shared.domain.task import Export
from shared.persistence.parallel import map_ordered
from shared.services import Services


def export_category(services: Services, category: str, export: Export) -> int:
    """Write the documents of a category's products that have content. Returns the number of documents.

    Calling it again writes the same file. A row that cannot be read costs one line, which names it:
    `unreadable` lists the parts of a product that are left out, and a product whose own row is unreadable is
    a line with an `error` in place of content, at the end.
    """
    locales = tuple(export.locales) or services.settings.locales
    count = 0
    unreadable: list[UnreadableRow] = []

    def lines() -> Iterator[bytes]:
        nonlocal count
        products = exported_products(services, category, export, unreadable)
        for line in map_ordered(lambda product: _line(services, product, locales), products):
            if line is not None:
                count += 1
                yield line
        yield from map(_error_line, unreadable)

    services.blobs.write(f"{export.prefix}{category}.jsonl", lines())
    return count


def _line(services: Services, product: Product, locales: tuple[str, ...]) -> bytes | None:
    served = services.contents.served(product.product_id).only(locales)
    if not served.published and not served.unreadable:
        return None
    content = build_document(product, served, locales)
    line: dict[str, Any] = {"product_id": product.product_id, "content": content}
    return _dump(line | ({"unreadable": served.unreadable} if served.unreadable else {}))


def _error_line(error: UnreadableRow) -> bytes:
    described = {"code": error.code, "message": error.message}
    return _dump({"product_id": error.row_key, "content": None, "error": described})


def _dump(line: dict[str, Any]) -> bytes:
    return orjson.dumps({VERSION_FIELD: STORE_VERSION, **line}, option=orjson.OPT_APPEND_NEWLINE)
