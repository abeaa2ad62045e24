"""Google Merchant Center's files, read back by their documented grammar, and what Google forbids."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from shared.channels.google_merchant import COLUMNS, GOOGLE_MERCHANT
from shared.channels.google_rules import forbidden
from tests.channel_items import item, options, written
from tests.examples import locale_content, product

G = "{http://base.google.com/ns/1.0}"
_QUOTED = r'"(?:[^"]|"")*"'
_GRAMMAR = {
    "id": re.compile(r".{1,50}"),
    "structured_title": re.compile(f"trained_algorithmic_media:{_QUOTED}"),
    "structured_description": re.compile(f"trained_algorithmic_media:{_QUOTED}"),
    "product_highlight": re.compile(f"{_QUOTED}(?:,{_QUOTED}){{1,99}}"),
    "product_detail": re.compile(r"[^:,]+:[^:,]+:[^:,]+(?:,[^:,]+:[^:,]+:[^:,]+)*"),
    "question_and_answer": re.compile(f"{_QUOTED}:{_QUOTED}(?:,{_QUOTED}:{_QUOTED}){{0,29}}"),
}


def read_tsv(data: bytes) -> list[dict[str, str]]:
    head, *lines = data.decode().rstrip("\n").split("\n")
    assert tuple(head.split("\t")) == COLUMNS
    rows = [dict(zip(COLUMNS, line.split("\t"), strict=True)) for line in lines]
    for row in rows:
        for name, value in row.items():
            assert not value or _GRAMMAR[name].fullmatch(value), (name, value)
    return rows


def read_xml(data: bytes) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(data)
    assert (root.tag, root.attrib) == ("rss", {"version": "2.0"})
    [channel] = root
    assert [each.tag for each in channel][:3] == ["title", "link", "description"]
    return channel.findall("item")


def changed(**basic_info: Any) -> dict[str, Any]:
    content = locale_content()
    content["basic_info"].update(basic_info)
    return content


def test_both_files_say_that_a_model_wrote_the_texts() -> None:
    made = item("en-GB", of=product(specs={"frets": "22", "neck": 'maple, "fast"'}))
    files = written(GOOGLE_MERCHANT, options("en-GB"), made)
    [row] = read_tsv(files["google-en_GB.tsv"])
    [entry] = read_xml(files["google-en_GB.xml"])
    for name in ("structured_title", "structured_description"):
        assert entry.findtext(f"{G}{name}/{G}digital_source_type") == "trained_algorithmic_media"
        text = entry.findtext(f"{G}{name}/{G}content") or ""
        assert row[name] == f'trained_algorithmic_media:"{text}"'
    tags = [each.tag.removeprefix(G) for each in entry]
    assert not {"title", "description", "price", "link", "availability"} & set(tags)
    assert tags.count("product_highlight") == 3
    assert tags.count("question_and_answer") == 3
    # A TSV file cannot carry a comma in a detail; the XML file does, and the report says so.
    assert row["product_detail"] == "Specifications:frets:22"
    values = [each.findtext(f"{G}attribute_value") for each in entry.findall(f"{G}product_detail")]
    assert values == ["22", 'maple, "fast"']
    assert "product_detail neck (TSV)" in files["report.csv"].decode()


def test_languages_and_countries_have_files_and_labels_of_their_own() -> None:
    chosen = options("en-GB", "pt-PT")
    files = written(GOOGLE_MERCHANT, chosen, item("en-GB", "pt-PT"))
    assert len(read_tsv(files["google-pt_PT.tsv"])) == len(read_xml(files["google-en_GB.xml"])) == 1
    assert GOOGLE_MERCHANT.remarks(chosen) == [
        "en-GB: content language en, feed label GB",
        "pt-PT: content language pt, feed label PT",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("See thomann.de for more", "link"),
        ("Only €349 here", "price"),
        ("349,00 EUR", "price"),
        ("<b>Bold</b> claims", "markup"),
        ("Free shipping included", "promotion"),
        ("Jetzt kaufen", "promotion"),
        ("Guitars > Electric", "category path"),
        ("An AMAZING guitar", "capitals"),
    ],
)
def test_what_google_forbids_is_found(text: str, said: str) -> None:
    assert said in forbidden(text, product())


@pytest.mark.parametrize(
    "text", ["MIDI and XLR outputs", "A 25.5 inch scale, plays 10 > 5 dB", "Two EMG humbuckers, 22 frets"]
)
def test_names_of_the_record_and_plain_texts_are_allowed(text: str) -> None:
    assert forbidden(text.replace(" > ", "-"), product(specs={"outputs": "MIDI, XLR"})) == ""


@pytest.mark.parametrize(
    ("content", "field", "said"),
    [
        (changed(seo_title="A SHOUTING title"), "structured_title", "capitals"),
        (changed(overview=None), "structured_description", "is absent"),
        (changed(key_features=["short", "x" * 151, "fine"]), "product_highlight", "151 characters"),
        (changed(key_features=["only one"]), "product_highlight", "two or more"),
        (changed(overview="long " * 1001), "structured_description", "characters"),
    ],
)
def test_what_does_not_fit_is_left_out_with_the_reason(
    content: dict[str, Any], field: str, said: str
) -> None:
    files = written(GOOGLE_MERCHANT, options("en-GB"), item(contents={"en-GB": content}))
    read_tsv(files["google-en_GB.tsv"])
    read_xml(files["google-en_GB.xml"])
    assert any(field in line and said in line for line in files["report.csv"].decode().splitlines())


def test_a_description_is_never_cut() -> None:
    content = locale_content()
    content["technical_analysis"]["build_quality"] = "solid " * 800
    files = written(GOOGLE_MERCHANT, options("en-GB"), item(contents={"en-GB": content}))
    [entry] = read_xml(files["google-en_GB.xml"])
    text = entry.findtext(f"{G}structured_description/{G}content") or ""
    assert "solid solid" not in text
    assert len(text) <= 5000
    assert "does not fit into 5000 characters" in files["report.csv"].decode()


def test_details_have_no_prices_dates_or_companies() -> None:
    specs = {"frets": "22", "List": "€99", "Since": "2024-01-31", "Maker": "Ardena Ltd", "Price": "5"}
    files = written(GOOGLE_MERCHANT, options("en-GB"), item("en-GB", of=product(specs=specs)))
    assert read_tsv(files["google-en_GB.tsv"])[0]["product_detail"] == "Specifications:frets:22"
    report = files["report.csv"].decode()
    assert all(name in report for name in ("detail List", "detail Since", "detail Maker"))


@pytest.mark.parametrize(("sku", "said"), [("x" * 51, "51 characters"), ("=cmd", "formula")])
def test_an_id_that_does_not_fit_leaves_the_product_out(sku: str, said: str) -> None:
    files = written(GOOGLE_MERCHANT, options("en-GB"), item("en-GB", of=product(sku=sku)))
    assert read_tsv(files["google-en_GB.tsv"]) == []
    assert said in files["report.csv"].decode()
