"""Shopify's files, read back as Shopify reads them."""

import csv
import hashlib
import io
from typing import Any

import orjson
import pytest

from shared.channels.shopify import PRODUCT_COLUMNS, SHOPIFY
from shared.domain.product import Product
from tests.channel_items import item, options, written
from tests.examples import locale_content, product

SPECS = {"Handle": "halcyon", "ID": "501"}


def sold(**changes: object) -> Product:
    return product(**{"specs": SPECS, **changes})


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def lines(data: bytes) -> list[Any]:
    return [orjson.loads(line) for line in data.splitlines()]


def test_a_product_has_our_columns_and_no_blank_one() -> None:
    files = written(SHOPIFY, options("en-US"), item("en-US", of=sold()))
    [row] = rows(files["shopify-products.csv"])
    assert tuple(row) == PRODUCT_COLUMNS
    assert all(row.values())
    assert (row["URL handle"], row["Title"]) == ("halcyon", "Ardena Halcyon 110")
    assert row["Description"].startswith("<p>Ardena Halcyon 110 is")
    key = "Key features (product.metafields.instrument_content.key_features)"
    assert orjson.loads(row[key]) == ["mahogany body", "maple neck", "two humbuckers"]
    [line] = lines(files["shopify-product-set.jsonl"])
    assert line["identifier"] == {"handle": "halcyon"}
    # A list would replace the one of the shop.
    assert not [value for value in line["input"].values() if isinstance(value, list)]
    assert files["report.csv"] == b""


def test_translations_name_their_source_and_its_digest() -> None:
    files = written(SHOPIFY, options("en-US", "de-DE", "pt-PT"), item("en-US", "de-DE", "pt-PT", of=sold()))
    found = rows(files["shopify-translations.csv"])
    assert {row["Locale"] for row in found} == {"de", "pt-PT"}
    assert {row["Field"] for row in found} == {"body_html", "meta_title", "meta_description"}
    assert {row["Identification"] for row in found} == {"'501"}
    [product_row] = rows(files["shopify-products.csv"])
    [line] = lines(files["shopify-translations-register.jsonl"])
    assert line["resourceId"] == "gid://shopify/Product/501"
    german = {one["key"]: one for one in line["translations"] if one["locale"] == "de"}
    body = product_row["Description"]
    assert german["body_html"]["translatableContentDigest"] == hashlib.sha256(body.encode()).hexdigest()
    assert "Klang" in german["body_html"]["value"]


def test_a_second_english_is_left_out_and_said() -> None:
    chosen = options("en-US", "en-GB", "de-DE")
    files = written(SHOPIFY, chosen, item("en-US", "en-GB", "de-DE", of=sold()))
    assert {row["Locale"] for row in rows(files["shopify-translations.csv"])} == {"de"}
    assert "en-GB is left out" in " ".join(SHOPIFY.remarks(chosen))


def lacking(name: str) -> dict[str, Any]:
    content = locale_content()
    content["basic_info"][name] = None
    return content


def with_title(title: str) -> dict[str, Any]:
    content = locale_content()
    content["basic_info"]["seo_title"] = title
    return content


@pytest.mark.parametrize(
    ("content", "of", "said"),
    [
        (lacking("seo_title"), sold(), "meta_title is absent"),
        (lacking("meta_description"), sold(), "meta_description is absent"),
        (with_title("=HYPERLINK()"), sold(), "formula"),
        (locale_content(), sold(name="x" * 256), "256 characters"),
        (locale_content(), sold(specs={"Handle": "=halcyon"}), "handle"),
    ],
)
def test_what_does_not_fit_is_left_out_with_the_reason(
    content: dict[str, Any], of: Product, said: str
) -> None:
    files = written(SHOPIFY, options("en-US"), item(of=of, contents={"en-US": content}))
    assert rows(files["shopify-products.csv"]) == []
    assert lines(files["shopify-product-set.jsonl"]) == []
    assert said in files["report.csv"].decode()
    assert "left_out" in files["report.csv"].decode()


def test_without_an_id_there_are_no_translations() -> None:
    made = item("en-US", "de-DE", of=sold(specs={}))
    files = written(SHOPIFY, options("en-US", "de-DE"), made)
    assert len(rows(files["shopify-products.csv"])) == 1
    assert rows(files["shopify-translations.csv"]) == []
    assert "no Shopify id" in files["report.csv"].decode()
    assert "made from the name" in files["report.csv"].decode()


def test_variants_of_one_handle_do_not_overwrite_each_other() -> None:
    two = [item("en-US", of=sold(product_id=name, sku=name)) for name in ("A", "B")]
    files = written(SHOPIFY, options("en-US"), *two)
    assert len(rows(files["shopify-products.csv"])) == 1
    assert "another product has the handle halcyon" in files["report.csv"].decode()
