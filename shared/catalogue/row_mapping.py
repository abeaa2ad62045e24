"""From a catalogue row to a product: which values are kept, which are cleaned, and what rejects a row."""

import math
import re
from dataclasses import dataclass, field
from typing import Any

from shared.catalogue.catalogue_reader import Row
from shared.content.document import IMAGES
from shared.domain.ids import category_slug, product_id_for, slugify
from shared.domain.product import Product, ProductImage
from shared.retailers.product_urls import clean_url, store_of
from shared.retailers.registry import stores

# Columns with a field of their own. Every other column is a spec.
_KNOWN = frozenset(
    {
        "sku", "name", "slug", "brand", "category", "description", "msrp_price", "currency", "url_source",
        "image_uri", "images", "specs", "specifications", "store_links", "customer_reviews",
    }
)  # fmt: skip

# In feeds these mean that the price is not stated, never that the product is free.
_PRICE_UNKNOWN = frozenset({"", "poa", "n/a", "na", "null", "none", "-", "tba"})
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LONGEST = {"sku": 200, "name": 300, "brand": 150, "category": 150, "description": 20_000}
_LONGEST_SPEC = 1_000
_MOST_SPECS = 150


@dataclass
class RowResult:
    """A product, or the errors of its row, and the values that were left out (`warnings`).

    Errors and warnings are pairs of field and reason.
    """

    product: Product | None = None
    errors: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)


def read_product(row: Row) -> RowResult:
    """Turn one row into a product, or report what is wrong with it."""
    result = RowResult()
    texts = {key: _text(row.get(key)) for key in ("sku", "name", "brand", "category", "description", "slug")}
    for key in ("sku", "name"):
        if not texts[key]:
            result.errors.append((key, "is missing"))
    for key, longest in _LONGEST.items():
        if len(texts[key]) > longest:
            result.errors.append((key, f"has {len(texts[key])} characters, at most {longest} are allowed"))
    price = _price(row.get("msrp_price"), result)
    if result.errors:
        return result
    url_source = _url(row.get("url_source"), "url_source", result)
    image_uri = _url(row.get("image_uri"), "image_uri", result)
    result.product = Product(
        product_id=product_id_for(texts["sku"]),
        sku=texts["sku"],
        name=texts["name"],
        slug=slugify(texts["slug"] or texts["name"]) or product_id_for(texts["sku"]).lower(),
        brand=texts["brand"],
        category=category_slug(texts["category"]),
        category_name=texts["category"],
        description=texts["description"],
        msrp_price=price,
        currency=_text(row.get("currency")).upper() or None,
        url_source=url_source,
        image_uri=image_uri,
        images=_images(row.get("images"), image_uri, url_source, result),
        specs=_specs(row, result),
        store_links=_store_links(row.get("store_links"), url_source, result),
        customer_reviews=_text(row.get("customer_reviews")) or None,
    ).with_hashes()
    return result


# "1.299,00", a common notation in Europe. "1,299" is refused: its comma may be decimal or not.
_DECIMAL_COMMA = re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+),\d{2}")


def _text(value: Any) -> str:
    if value is None or isinstance(value, (dict, list)):
        return ""
    return re.sub(r"\s+", " ", _CONTROL.sub("", str(value))).strip()


def _price(value: Any, result: RowResult) -> float | None:
    text = _text(value)
    if text.lower() in _PRICE_UNKNOWN:
        return None
    try:
        price = float(text.replace(".", "").replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text)
    except ValueError:
        price = math.nan
    if not math.isfinite(price) or price < 0:
        result.errors.append(("msrp_price", f"{text[:40]!r} is not a price; write a number such as 199.00"))
        return None
    return price or None


def _url(value: Any, name: str, result: RowResult) -> str | None:
    text = _text(value)
    if not text:
        return None
    try:
        return clean_url(text)
    except ValueError as error:
        result.warnings.append((name, f"left out: {error}"))
        return None


def _images(
    value: Any, image_uri: str | None, page_url: str | None, result: RowResult
) -> dict[str, ProductImage]:
    images: dict[str, ProductImage] = {}
    if isinstance(value, dict):
        for key in IMAGES:
            given = value.get(key)
            address = _url(
                given.get("image_url") if isinstance(given, dict) else given, f"images.{key}", result
            )
            if address:
                images[key] = ProductImage(
                    source=store_of(address) or "catalogue", page_url=page_url, image_url=address
                )
    elif value:
        result.warnings.append(("images", f"left out: expected an object with {', '.join(IMAGES)}"))
    if image_uri and "front_view" not in images:
        images["front_view"] = ProductImage(
            source=store_of(image_uri) or "catalogue", page_url=page_url, image_url=image_uri
        )
    return images


def _store_links(value: Any, url_source: str | None, result: RowResult) -> dict[str, str]:
    links: dict[str, str] = {}
    for store, given in value.items() if isinstance(value, dict) else ():
        key = re.sub(r"[^a-z0-9]+", "_", str(store).lower()).strip("_")
        address = _url(
            given.get("product_url") if isinstance(given, dict) else given, f"store_links.{store}", result
        )
        if address and key in stores():
            links[key] = address
        elif address:
            result.warnings.append((f"store_links.{store}", "left out: not a known store"))
    store_of_source = store_of(url_source) if url_source else None
    if url_source and store_of_source:
        links.setdefault(store_of_source, url_source)
    return links


def _specs(row: Row, result: RowResult) -> dict[str, str]:
    given: dict[str, Any] = {}
    for key in ("specs", "specifications"):
        if isinstance(row.get(key), dict):
            given |= row[key]
    given |= {key: value for key, value in row.items() if key not in _KNOWN}
    specs: dict[str, str] = {}
    for name, value in given.items():
        text = ", ".join(filter(None, map(_text, value))) if isinstance(value, list) else _text(value)
        if not text or not _text(name):
            continue
        if len(text) > _LONGEST_SPEC or len(specs) == _MOST_SPECS:
            result.warnings.append((f"specs.{name}", "left out: too long, or too many specs"))
            continue
        specs[_text(name)[:100]] = text
    return specs
