"""Plain files with chosen columns."""

import csv
import io

import orjson
import pytest
from pydantic import ValidationError

from shared.channels.plain_files import COLUMNS, PLAIN_CSV, PLAIN_JSONL
from tests.channel_items import item, options, written
from tests.examples import locale_content, product
from triggers.schemas.export_schemas import ExportArguments


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_every_column_can_be_chosen() -> None:
    chosen = options("de-DE", columns=tuple(COLUMNS))
    made = item("de-DE", of=product(specs={"EAN": "4006381333931", "frets": "22"}, msrp_price=0.5))
    [row] = rows(written(PLAIN_CSV, chosen, made)["products.csv"])
    assert tuple(row) == tuple(COLUMNS)
    assert (row["gtin"], row["skill_level"], row["msrp_price"]) == ("4006381333931", "Einsteiger", "0.5")
    assert row["key_features"].splitlines() == ["mahogany body", "maple neck", "two humbuckers"]
    assert orjson.loads(row["specs"]) == {"frets": "22"}
    line = orjson.loads(written(PLAIN_JSONL, chosen, made)["products.jsonl"])
    assert tuple(line) == tuple(COLUMNS)
    assert line["best_genres"] == ["Blues", "Rock"]


def test_columns_keep_the_order_of_the_call_and_cells_are_guarded() -> None:
    content = locale_content()
    content["basic_info"]["seo_title"] = "=HYPERLINK(A1)"
    made = item(of=product(sku="-12"), contents={"en-GB": content})
    [row] = rows(written(PLAIN_CSV, options("en-GB", columns=("seo_title", "sku")), made)["products.csv"])
    assert list(row.items()) == [("seo_title", "'=HYPERLINK(A1)"), ("sku", "-12")]


def test_an_absent_value_is_empty_or_null() -> None:
    made = item(of=product(specs={}), contents={"en-GB": {"basic_info": {"overview": "Plain."}}})
    chosen = options("en-GB", columns=("seo_title", "key_features", "questions", "specs"))
    assert set(rows(written(PLAIN_CSV, chosen, made)["products.csv"])[0].values()) == {""}
    assert set(orjson.loads(written(PLAIN_JSONL, chosen, made)["products.jsonl"]).values()) == {None}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"channel": "plain_csv", "columns": ["sku", "price"]}, "must be some of"),
        ({"channel": "plain_csv", "columns": ["sku", "sku"]}, "each once"),
        ({"channel": "shopify", "columns": ["sku"]}, "only the channels"),
        ({"columns": ["sku"]}, "only the channels"),
        ({"channel": "xliff", "locales": ["de-DE"]}, "two or more"),
        ({"channel": "amazon"}, "shopify"),
        ({"channel": "shopify", "approved_only": True}, "Extra inputs"),
    ],
)
def test_arguments_that_cannot_be_honoured_are_refused(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ExportArguments.model_validate(arguments)
