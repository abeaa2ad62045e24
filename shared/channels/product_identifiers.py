"""The identifiers of a product that channels need, and the one place that knows where they come from.

The catalogue has no fields for them yet: they are looked up among a product's fields and then its specs, by
the names of columns that shops use.
"""

import re
from dataclasses import dataclass

from shared.domain.product import Product

_COLUMNS = {
    "gtin": (
        "gtin",
        "ean",
        "upc",
        "gtin upc ean or isbn",
        "gtin13",
        "barcode",
        "variant barcode",
        "ean code",
    ),
    "mpn": ("mpn", "manufacturer part number", "herstellernummer"),
    "handle": ("handle", "url handle"),
    "item_group": ("item group id", "item group", "parent", "parent sku"),
    "shop_id": ("shop id", "shopify id", "woocommerce id", "product id", "id"),
}
# GS1: restricted numbers and coupons, which name no product. Padded to 14 digits.
_RESTRICTED = re.compile(r"\d(?:02|04|05|2|9[89])")
_RESTRICTED_SHORT = ("0", "2")
_LENGTHS = (8, 12, 13, 14)
# Columns of offers, which are no specs: prices, stock, delivery, tax, dates, the shop's housekeeping.
_OF_THE_OFFER = re.compile(
    r"\b(prices?|preis|prix|precio|prezzo|preço|cost|msrp|uvp|stock|lagerbestand|inventory|quantity|qty|availab\w*"
    r"|shipping|versand|delivery|lieferzeit|tax\w*|vat|mwst|discount|sale|tags?|status|published|visib\w*"
    r"|dates?|datum|created|updated|vendor|supplier|url|image|meta)\b"
)


@dataclass(frozen=True)
class Identifiers:
    """Identifiers as texts; empty if unknown. `gtin_problem` says why a GTIN of the catalogue is not used."""

    gtin: str = ""
    mpn: str = ""
    handle: str = ""
    item_group: str = ""
    shop_id: str = ""
    gtin_problem: str = ""


def identifiers_of(product: Product) -> Identifiers:
    """The identifiers of a product."""
    by_column = {_folded(name): value.strip() for name, value in product.specs.items() if value.strip()}

    def find(kind: str) -> str:
        own = getattr(product, kind, None)
        return str(own) if own else next((by_column[c] for c in _COLUMNS[kind] if c in by_column), "")

    gtin = re.sub(r"[\s-]", "", find("gtin"))
    problem = gtin_problem(gtin) if gtin else ""
    return Identifiers(
        gtin="" if problem else gtin,
        mpn=find("mpn"),
        handle=find("handle"),
        item_group=find("item_group"),
        shop_id=find("shop_id").removeprefix("gid://shopify/Product/"),
        gtin_problem=problem,
    )


def descriptive_specs(product: Product) -> dict[str, str]:
    """The specs that describe the product: without its identifiers and without columns about its offer."""
    known = {column for columns in _COLUMNS.values() for column in columns}
    return {
        name: value
        for name, value in product.specs.items()
        if value and _folded(name) not in known and not _OF_THE_OFFER.search(_folded(name))
    }


def gtin_problem(gtin: str) -> str:
    """Why a number is not a GTIN of a product, or an empty text. (GS1 General Specifications: 1.4, 7.9.)"""
    if not (gtin.isascii() and gtin.isdigit() and len(gtin) in _LENGTHS):
        return "the GTIN does not have 8, 12, 13 or 14 digits"
    digits = gtin.zfill(14)
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
    if total % 10:
        return "the check digit of the GTIN is wrong"
    if gtin.startswith(_RESTRICTED_SHORT) if len(gtin) == 8 else _RESTRICTED.match(digits):
        return "the prefix of the GTIN is for restricted numbers or coupons"
    return ""


def _folded(name: str) -> str:
    return " ".join(re.findall(r"\w+", name.replace("_", " ").casefold()))
