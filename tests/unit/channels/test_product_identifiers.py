"""Identifiers: where they are found, and which GTINs name a product."""

import pytest

from shared.channels.product_identifiers import descriptive_specs, gtin_problem, identifiers_of
from tests.examples import product


@pytest.mark.parametrize(
    ("gtin", "problem"),
    [
        ("4006381333931", ""),
        ("036000291452", ""),
        ("96385074", ""),
        ("14006381333938", ""),
        ("4006381333932", "check digit"),
        ("40063813", "check digit"),
        ("400638133393", "check digit"),
        ("12345", "digits"),
        ("４００６３８１３３３９３１", "digits"),  # noqa: RUF001 - full-width digits
        ("2000000000008", "restricted"),
        ("0200000000004", "restricted"),
        ("9800000000007", "restricted"),
        ("0512345678900", "restricted"),
    ],
)
def test_a_gtin_is_of_a_product_or_says_why_not(gtin: str, problem: str) -> None:
    found = gtin_problem(gtin)
    assert (problem in found) if problem else not found


def test_identifiers_are_found_under_the_headers_that_shops_use() -> None:
    specs = {"GTIN, UPC, EAN, or ISBN": "4006381-333931", "URL handle": "halcyon", "MPN": "H-1", "ID": "17"}
    found = identifiers_of(product(specs={**specs, "Parent SKU": "ARD"}))
    assert (found.gtin, found.handle, found.mpn) == ("4006381333931", "halcyon", "H-1")
    assert (found.shop_id, found.item_group, found.gtin_problem) == ("17", "ARD", "")


def test_a_bad_gtin_is_not_used_and_says_why() -> None:
    found = identifiers_of(product(specs={"ean": "4006381333932"}))
    assert found.gtin == ""
    assert "check digit" in found.gtin_problem


def test_columns_of_the_offer_are_no_specs() -> None:
    offers = ["Variant Price", "Stock", "Tax status", "Tags", "Meta: x", "Verkaufspreis brutto Preis"]
    kept = {"frets": "22", "String gauge": "10-46", "Pricetag finish": "gold"}
    record = product(specs={**dict.fromkeys(offers, "1"), "Barcode": "1", **kept})
    assert descriptive_specs(record) == kept
