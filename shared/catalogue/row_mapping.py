"""From a catalogue row to a product: which values are kept, which are cleaned, and what rejects a row."""

import logging
import re
from typing import Any

from shared.catalogue.price_reading import NotAPrice, read_price
from shared.catalogue.row_links import read_images, read_store_links, read_url
from shared.catalogue.rows import DUPLICATE, KNOWN_FIELDS, Row
from shared.catalogue.text_values import RowResult, read_text, text_of, unescaped, utf16_length
from shared.domain.ids import category_slug, normal_sku, product_id_for, slugify
from shared.domain.product import Product

# Limits that keep a product within one table row. In UTF-16 units, as Azure counts.
_LONGEST = {
    "sku": 200, "name": 300, "brand": 150, "category": 150, "description": 20_000, "slug": 300,
    "customer_reviews": 20_000,
}  # fmt: skip
_LONGEST_SPEC = 1_000
_LONGEST_SPEC_NAME = 100
_MOST_SPECS = 150
_CURRENCY = re.compile(r"[A-Z]{3}")


def read_product(row: Row) -> RowResult:
    """Turn one row into a product, or report what is wrong with it. No row makes it raise."""
    try:
        return _read_product(row)
    except Exception as error:  # one row must never stop an import
        logging.exception("a row cannot be read")
        return RowResult(
            errors=[("", f"cannot be read ({type(error).__name__}); this is a fault of the app")]
        )


def _read_product(row: Row) -> RowResult:
    result = RowResult()
    texts = {key: read_text(row.get(key), key, result) for key in _LONGEST}
    texts |= {key: unescaped(texts[key]) for key in ("name", "brand", "category", "slug")}
    texts["sku"] = normal_sku(texts["sku"])
    if texts["sku"]:
        former = product_id_for(_former_sku(row["sku"]))
        result.product_ids = tuple(dict.fromkeys((product_id_for(texts["sku"]), former)))
    for key in ("sku", "name"):
        if not texts[key]:
            result.errors.append((key, "is missing"))
    for key, longest in _LONGEST.items():
        length = utf16_length(texts[key])
        if length > longest:
            result.errors.append((key, f"has {length} characters, at most {longest} are allowed"))
    if not result.errors:
        result.product = _product(row, texts, result)
    return result


def _product(row: Row, texts: dict[str, str], result: RowResult) -> Product:
    product_id = result.product_ids[0]
    currency = _currency(row, result)
    url_source = read_url(row.get("url_source"), "url_source", result)
    image_uri = read_url(row.get("image_uri"), "image_uri", result)
    return Product(
        product_id=product_id,
        sku=texts["sku"],
        name=texts["name"],
        slug=slugify(texts["slug"] or texts["name"]) or product_id.lower(),
        brand=texts["brand"],
        category=category_slug(texts["category"]),
        category_name=texts["category"],
        description=texts["description"],
        msrp_price=_price(row, currency, result),
        currency=currency,
        url_source=url_source,
        image_uri=image_uri,
        images=read_images(row.get("images"), image_uri, url_source, result),
        specs=_specs(row, result),
        store_links=read_store_links(row.get("store_links"), url_source, result),
        customer_reviews=texts["customer_reviews"] or None,
    ).with_hashes()


def _former_sku(value: Any) -> str:
    """The SKU as version 0.1.0 read it. Products that it stored keep the id that it gave them."""
    return re.sub(r"\s+", " ", re.sub(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]", "", str(value))).strip()


def _currency(row: Row, result: RowResult) -> str | None:
    code = read_text(row.get("currency"), "currency", result).upper()
    if code and not _CURRENCY.fullmatch(code):
        result.warnings.append(("currency", f"left out: {code[:40]!r} is not an ISO 4217 code such as EUR"))
        return None
    return code or None


def _price(row: Row, currency: str | None, result: RowResult) -> float | None:
    """The price, or None with a warning: texts do not use it, so it does not reject the product."""
    value = row.get("msrp_price")
    if value is DUPLICATE or isinstance(value, (dict, list)):
        read_text(value, "msrp_price", result)
        return None
    try:
        return read_price(value, currency or "")
    except NotAPrice as error:
        result.warnings.append(("msrp_price", f"left out: {error}"))
        return None


def _specs(row: Row, result: RowResult) -> dict[str, str]:
    given: dict[str, Any] = {}
    for key in ("specs", "specifications"):
        value = row.get(key)
        if isinstance(value, dict):
            given |= value
        elif text_of(value) or isinstance(value, list) or value is DUPLICATE:
            result.warnings.append((key, "left out: expected an object of names and values"))
    given |= {key: value for key, value in row.items() if key not in KNOWN_FIELDS}
    specs: dict[str, str] = {}
    for key, value in given.items():
        name, text = text_of(key), _spec_text(key, value, result)
        if not text:
            continue
        if not name:
            result.warnings.append(("", f"a value without a column name was left out: {text[:40]!r}"))
        elif utf16_length(text) > _LONGEST_SPEC:
            _leave_out(result, name, f"it has over {_LONGEST_SPEC:,} characters")
        elif utf16_length(name) > _LONGEST_SPEC_NAME:
            _leave_out(result, name, f"its name has over {_LONGEST_SPEC_NAME} characters")
        elif len(specs) == _MOST_SPECS:
            _leave_out(result, name, f"a product has at most {_MOST_SPECS} specs")
        else:
            specs[name] = text
    return specs


def _spec_text(name: str, value: Any, result: RowResult) -> str:
    where = f"specs.{name[:_LONGEST_SPEC_NAME]}"
    if isinstance(value, list):
        return ", ".join(filter(None, (read_text(item, where, result) for item in value)))
    return read_text(value, where, result)


def _leave_out(result: RowResult, name: str, reason: str) -> None:
    result.warnings.append((f"specs.{name[:_LONGEST_SPEC_NAME]}", f"left out: {reason}"))
