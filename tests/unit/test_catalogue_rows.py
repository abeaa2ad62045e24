"""From a catalogue row to a product."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalogue.row_mapping import read_product
from shared.domain.product import Product

ROW = {
    "sku": "ARD-110",
    "name": " Ardena  Halcyon 110 ",
    "brand": "Ardena",
    "category": "Electric Guitars",
    "description": "Mahogany body;\n maple neck",
    "msrp_price": "499.00",
    "currency": "gbp",
    "url_source": "https://www.thomann.de/gb/ardena_halcyon.htm?offid=1&affid=9&colour=red#top",
    "image_uri": "https://images.example.com/ardena.jpg",
    "scale_length": '24.7"',
    "weight": "",
}


def good(**changes: Any) -> Product:
    result = read_product({**ROW, **changes})
    assert result.product is not None, result.errors
    return result.product


def test_a_row_becomes_a_product() -> None:
    product = good()
    assert (product.product_id, product.name, product.category) == (
        "ARD-110", "Ardena Halcyon 110", "electric-guitars",
    )  # fmt: skip
    assert product.description == "Mahogany body; maple neck"
    assert (product.msrp_price, product.currency) == (499.0, "GBP")
    assert product.specs == {"scale_length": '24.7"'}
    assert product.url_source == "https://www.thomann.de/gb/ardena_halcyon.htm?colour=red"
    assert product.store_links == {"thomann": product.url_source}
    assert product.images["front_view"].image_url == "https://images.example.com/ardena.jpg"


@pytest.mark.parametrize(
    ("written", "price"), [("599,00", 599.0), ("1.299,95", 1299.95), ("12.345.678,00", 12345678.0)]
)
def test_a_price_with_a_decimal_comma_is_read(written: str, price: float) -> None:
    assert good(msrp_price=written).msrp_price == price


@pytest.mark.parametrize("price", ["0.0", "0", "", None, "POA", "n/a", 0])
def test_a_price_that_is_not_stated_is_unknown_and_never_free(price: object) -> None:
    assert good(msrp_price=price).msrp_price is None


@pytest.mark.parametrize(
    ("changes", "name", "reason"),
    [
        ({"sku": " "}, "sku", "missing"),
        ({"name": None}, "name", "missing"),
        ({"msrp_price": "abc"}, "msrp_price", "'abc' is not a price"),
        ({"msrp_price": "1,299"}, "msrp_price", "not a price"),
        ({"msrp_price": "1.29,00"}, "msrp_price", "not a price"),
        ({"msrp_price": "-1"}, "msrp_price", "not a price"),
        ({"msrp_price": "inf"}, "msrp_price", "not a price"),
        ({"name": "x" * 301}, "name", "301 characters"),
    ],
)
def test_a_bad_row_names_field_and_reason(changes: dict[str, Any], name: str, reason: str) -> None:
    result = read_product({**ROW, **changes})
    assert result.product is None
    assert [field for field, _ in result.errors] == [name]
    assert reason in result.errors[0][1]


def test_specs_come_from_columns_and_objects() -> None:
    product = good(specifications={"keys": 88, "colours": ["red", "blue"], "none": None})
    assert product.specs == {"keys": "88", "colours": "red, blue", "scale_length": '24.7"'}


def test_bad_links_are_left_out_with_a_warning() -> None:
    result = read_product(
        {**ROW, "url_source": "javascript:alert(1)", "store_links": {"Moon Shop": "https://m.example"}}
    )
    assert result.product is not None
    assert result.product.store_links == {}
    assert [field for field, _ in result.warnings] == ["url_source", "store_links.Moon Shop"]


def test_an_address_with_a_disguised_host_is_left_out_wherever_it_stands() -> None:
    evil = r"https://evil.example\.thomann.de/x"
    row = {
        **ROW,
        "url_source": evil,
        "image_uri": evil,
        "images": {"back_view": evil},
        "store_links": {"Thomann": evil},
    }
    result = read_product(row)
    assert result.product is not None
    assert "evil" not in result.product.model_dump_json()
    names = [field for field, _ in result.warnings]
    assert names == ["url_source", "image_uri", "images.back_view", "store_links.Thomann"]


def test_texts_depend_on_facts_and_not_on_price_links_or_images() -> None:
    one, other = good(), good(msrp_price="1.00", url_source="", image_uri="")
    assert one.content_hash == other.content_hash
    assert one.catalogue_hash != other.catalogue_hash
    assert good(description="Ash body").content_hash != one.content_hash


values = (
    st.none()
    | st.text(max_size=30)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.lists(st.text(max_size=5))
)


@given(st.dictionaries(st.sampled_from([*ROW, "images", "store_links", "specs", "x"]), values))
def test_no_row_raises(row: dict[str, Any]) -> None:
    result = read_product(row)
    assert (result.product is None) == bool(result.errors)
