"""JSON-LD of a product in one locale: a schema.org WebPage about a Product.

`inLanguage` is a property of CreativeWork and not of Product, so it stands at the page. There is no offer:
the catalogue knows a recommended price and not what the shop asks. There is no FAQPage: search engines do not
show it any more.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from shared.channels.channel import Channel, Options, OutFile, Piece, Remarks
from shared.channels.export_item import ExportItem

MEDIA_TYPE = "application/ld+json"


def json_ld(item: ExportItem, locale: str) -> dict[str, Any]:
    """The JSON-LD object of a locale that the item has. What is unknown is left out."""
    product, text, known = item.product, item.texts[locale], item.identifiers
    described = {
        "@type": "Product",
        "name": product.name,
        "description": text.overview or text.meta_description,
        "sku": product.sku,
        "gtin": known.gtin,
        "mpn": known.mpn,
        "category": product.category_name,
        "image": _images(item),
        "brand": {"@type": "Brand", "name": product.brand} if product.brand else None,
        "additionalProperty": [
            {"@type": "PropertyValue", "name": name, "value": value} for name, value in item.specs.items()
        ],
    }
    page = {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "inLanguage": locale,
        "name": text.seo_title,
        "description": text.meta_description,
        "mainEntity": {key: value for key, value in described.items() if value},
    }
    return {key: value for key, value in page.items() if value}


def json_ld_bytes(item: ExportItem, locale: str) -> bytes:
    """The JSON-LD, safe to be put into a `<script>` element of a page."""
    text = orjson.dumps(json_ld(item, locale))
    return text.replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")


def _images(item: ExportItem) -> list[str]:
    product = item.product
    found = [product.image_uri, *(image.image_url for image in product.images.values())]
    return list(dict.fromkeys(url for url in found if url and url.startswith(("https://", "http://"))))


def write(items: Iterable[ExportItem], options: Options) -> Iterator[Piece]:
    """The pieces of a category: a line for each product and locale."""
    del options
    for item in items:
        remarks = Remarks(item)
        if item.identifiers.gtin_problem:
            yield remarks.left_out("gtin", item.identifiers.gtin_problem)
        if not _images(item):
            yield remarks.note("image", "the catalogue has no address of an image")
        for locale in item.texts:
            text = item.texts[locale]
            if not (text.overview or text.meta_description):
                yield remarks.left_out("product", "has no description", locale)
                continue
            key = orjson.dumps({"product_id": item.product.product_id, "sku": item.product.sku})
            line = key[:-1] + b',"json_ld":' + json_ld_bytes(item, locale) + b"}\n"
            yield Piece(file_name(locale), line)


def file_name(locale: str) -> str:
    """The file of a locale."""
    return f"json-ld-{locale}.jsonl"


def _files(options: Options) -> Sequence[OutFile]:
    return [OutFile(file_name(locale)) for locale in options.locales]


JSON_LD = Channel(files=_files, write=write)
