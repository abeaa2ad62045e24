"""From a catalogue row to a product."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalogue.row_mapping import read_product
from shared.catalogue.rows import DUPLICATE, KNOWN_FIELDS
from shared.catalogue.text_values import utf16_length
from shared.content.document import IMAGES
from shared.domain.ids import product_id_for
from shared.domain.product import Product
from shared.persistence.entity_codec import encode
from shared.retailers.registry import stores

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
    assert product.url_source == "https://www.thomann.de/gb/ardena_halcyon.htm?colour=red#top"
    assert product.store_links == {"thomann": product.url_source}
    assert product.images["front_view"].image_url == "https://images.example.com/ardena.jpg"


@pytest.mark.parametrize(
    ("changes", "name", "reason"),
    [
        ({"sku": " "}, "sku", "missing"),
        ({"name": None}, "name", "missing"),
        ({"name": {"en": "x"}}, "name", "missing"),
        ({"name": "x" * 301}, "name", "301 characters"),
        ({"name": "🎸" * 151}, "name", "302 characters"),
        ({"slug": "x" * 301}, "slug", "301 characters"),
        ({"customer_reviews": "x" * 20_001}, "customer_reviews", "20001 characters"),
        ({"description": "🎸" * 10_001}, "description", "20002 characters"),
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


def warned(**changes: Any) -> list[tuple[str, str]]:
    result = read_product({**ROW, **changes})
    assert result.product is not None, result.errors
    return result.warnings


@pytest.mark.parametrize("price", ["abc", "1,299", "-1", {"amount": 199}, [199], True, DUPLICATE])
def test_a_price_that_cannot_be_read_costs_the_price_and_not_the_product(price: object) -> None:
    assert good(msrp_price=price).msrp_price is None
    assert [field for field, _ in warned(msrp_price=price)] == ["msrp_price"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"currency": {"code": "EUR"}}, "currency"),
        ({"currency": "Euro"}, "currency"),
        ({"description": ["one", "two"]}, "description"),
        ({"url_source": {"en": "https://x.example"}}, "url_source"),
        ({"url_source": "https://x.example/" + "a" * 2048}, "url_source"),
        ({"images": ["a.jpg"]}, "images"),
        ({"images": {"side_view": "https://x.example/a.jpg"}}, "images.side_view"),
        ({"images": {"back_view": {"href": "https://x.example/a.jpg"}}}, "images.back_view"),
        ({"store_links": "https://x.example"}, "store_links"),
        ({"specs": "22 frets"}, "specs"),
        ({"specs": {"size": {"w": 1}}}, "specs.size"),
        ({"specs": {"parts": ["a", {"b": 1}]}}, "specs.parts"),
        ({"specs": {"text": "x" * 1001}}, "specs.text"),
        ({"specs": {"text": "🎸" * 501}}, "specs.text"),
        ({"specs": {"🎸" * 51: "x"}}, "specs." + "🎸" * 51),
        ({"": "lost"}, ""),
    ],
)
def test_every_value_that_is_left_out_is_named(changes: dict[str, Any], field: str) -> None:
    assert [name for name, _ in warned(**changes)] == [field]


def test_specs_over_the_limit_are_named_one_by_one() -> None:
    assert len(good(specs={f"s{n}": "x" for n in range(200)}).specs) == 150
    assert len(warned(specs={f"s{n}": "x" for n in range(200)})) == 51


def test_html_references_in_names_are_decoded_once() -> None:
    product = good(
        name="Drum &amp; Bass &amp;amp; Rhythm&notes", brand="Bl&uuml;thner", category="R&#38;B", slug=""
    )
    assert product.name == "Drum & Bass &amp; Rhythm&notes"
    assert product.slug == "drum-bass-amp-rhythm-notes"
    assert (product.brand, product.brand_slug) == ("Blüthner", "bluthner")
    assert (product.category, product.category_name) == ("r-b", "R&B")


@pytest.mark.parametrize(
    "written",
    ["Bläser 9", "Bla\u0308ser 9", " Bl\u200bäser\u00a0\t9", '="Bläser 9"', "Bl\u00adäser  9\ufeff"],
)
def test_a_sku_is_the_same_however_it_was_typed(written: str) -> None:
    product = good(sku=written)
    assert (product.sku, product.product_id) == ("Bläser 9", product_id_for("Bläser 9"))


def test_the_case_of_a_sku_matters_and_zeros_in_front_stay() -> None:
    assert good(sku="ab-1").product_id != good(sku="AB-1").product_id
    assert good(sku='="00123"').product_id == "00123"
    assert good(sku="A²").product_id != good(sku="A2").product_id


def test_a_row_knows_the_id_that_the_version_before_gave_its_product() -> None:
    assert read_product({"sku": "A-1", "name": "x"}).product_ids == ("A-1",)
    assert read_product({"sku": "A \u00a0 1", "name": "x"}).product_ids == (product_id_for("A 1"),)
    current, former = read_product({"sku": '="00123"', "name": ""}).product_ids
    assert (current, former) == ("00123", product_id_for('="00123"'))


@pytest.mark.parametrize("character", ["a", "ü", "🎸", '"', "\ud800", "\u0000"])
def test_the_largest_product_fits_a_table_row(character: str) -> None:
    def text(longest: int) -> str:
        return character * (longest // utf16_length(character))

    row: dict[str, Any] = {
        "sku": "A", "name": text(300), "brand": text(150), "category": text(150), "slug": text(300),
        "description": text(20_000), "customer_reviews": text(20_000), "currency": text(9),
        "url_source": "https://x.example/" + text(2_000), "image_uri": "https://x.example/" + text(2_000),
        "specs": {f"{n}{text(96)}": text(1_000) for n in range(150)},
        "store_links": {key: "https://x.example/" + text(2_000) for key in stores()},
        "images": {key: "https://x.example/" + text(2_000) for key in IMAGES},
    }  # fmt: skip
    product = read_product({**row, "name": "x" + row["name"][1:]}).product
    assert product is not None
    entity = encode(product.category, product.product_id, product)
    size = sum(2 * len(key) + 2 * utf16_length(str(value)) for key, value in entity.items())
    assert size < 2**20  # learn.microsoft.com, "Understanding the Table service data model": 1 MiB
    for value in entity.values():
        str(value).encode()


values = st.recursive(
    st.none()
    | st.text(max_size=30)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.just(DUPLICATE)
    | st.text(st.characters(categories=["Cs", "Cf", "Cc"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*sorted(KNOWN_FIELDS), "x", ""]), values))
def test_every_row_gives_a_product_that_can_be_stored_or_errors(row: dict[str, Any]) -> None:
    result = read_product(row)
    assert (result.product is None) == bool(result.errors)
    assert not any("fault of the app" in reason for _, reason in result.errors)
    if result.product is not None:
        orjson.dumps(encode(result.product.category, result.product.product_id, result.product))
