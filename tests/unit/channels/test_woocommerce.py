"""WooCommerce's files, read back as its importer and its REST API read them."""

import csv
import io

import orjson

from shared.channels.woocommerce import WOOCOMMERCE
from tests.channel_items import item, options, written
from tests.examples import locale_content, product


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_shops_own_language_has_our_columns_only() -> None:
    files = written(WOOCOMMERCE, options("en-US"), item("en-US"))
    [row] = rows(files["woocommerce-en-US.csv"])
    assert list(row) == [
        "SKU", "Short description", "Description", "Meta: rank_math_title", "Meta: rank_math_description",
    ]  # fmt: skip
    assert all(row.values())
    assert "\n" not in "".join(row.values())


def test_translations_have_the_columns_of_wpml_and_polylang() -> None:
    locales = ("en-US", "en-GB", "de-DE", "pt-PT")
    files = written(WOOCOMMERCE, options(*locales), item(*locales))
    codes = {}
    for locale in locales[1:]:
        [row] = rows(files[f"woocommerce-{locale}.csv"])
        codes[locale] = row["Meta: _wpml_import_language_code"]
        assert row["Meta: _wpml_import_source_language_code"] == "en"
        assert row["Meta: _wpml_import_translation_group"] == row["Translation group"] == "ARD-110"
        assert (row["Language"], row["Name"]) == (codes[locale], "Ardena Halcyon 110")
    assert codes == {"en-GB": "en-gb", "de-DE": "de", "pt-PT": "pt-pt"}


def test_newlines_are_written_as_the_importer_wants_them() -> None:
    content = locale_content()
    content["basic_info"]["overview"] = "One\nTwo"
    files = written(WOOCOMMERCE, options("en-US"), item(contents={"en-US": content}))
    assert rows(files["woocommerce-en-US.csv"])[0]["Short description"] == r"One\nTwo"


def test_the_state_is_written_only_if_a_setting_says_so() -> None:
    made = item("en-US", of=product(specs={"ID": "7"}))
    files = written(WOOCOMMERCE, options("en-US", woocommerce_published="pending"), made)
    assert rows(files["woocommerce-en-US.csv"])[0]["Published"] == "2"
    body = orjson.loads(files["woocommerce-rest-batches.jsonl"])
    assert body["update"][0]["status"] == "pending"


def test_a_rest_body_has_at_most_100_products() -> None:
    many = [item("en-US", of=product(product_id=f"P{n}", specs={"ID": str(n)})) for n in range(1, 206)]
    files = written(WOOCOMMERCE, options("en-US"), *many)
    bodies = [orjson.loads(line) for line in files["woocommerce-rest-batches.jsonl"].splitlines()]
    assert [len(body["update"]) for body in bodies] == [100, 100, 5]
    assert [each["id"] for body in bodies for each in body["update"]] == list(range(1, 206))
    assert "status" not in bodies[0]["update"][0]


def test_what_would_blank_a_text_of_the_shop_is_left_out() -> None:
    content = locale_content()
    content["basic_info"]["meta_description"] = None
    files = written(WOOCOMMERCE, options("en-US"), item(contents={"en-US": content}))
    assert rows(files["woocommerce-en-US.csv"]) == []
    assert "meta_description is absent" in files["report.csv"].decode()
