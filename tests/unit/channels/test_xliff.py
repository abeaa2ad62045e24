"""XLIFF 1.2, read by the Translate Toolkit (a tool of translators) and by an XML reader."""

from typing import Any
from xml.etree import ElementTree

from translate.storage.xliff import xlifffile

from shared.channels.xliff import XLIFF
from shared.content.text_fields import text_fields
from tests.channel_items import item, options, written
from tests.examples import locale_content, product

X = "{urn:oasis:names:tc:xliff:document:1.2}"


def german(**basic_info: Any) -> dict[str, Any]:
    content = locale_content()
    content["basic_info"]["overview"] = "Ein Bass & <mehr>."
    content["basic_info"].update(basic_info)
    return content


def read(data: bytes) -> Any:
    return xlifffile.parsestring(data)  # type: ignore[no-untyped-call]


def test_a_tool_of_translators_reads_every_text() -> None:
    made = item(contents={"en-US": locale_content(), "de-DE": german()})
    files = written(XLIFF, options("en-US", "de-DE"), made)
    assert set(files) == {"de-DE.xlf", "report.csv"}
    units = {unit.getid().rpartition("\x04")[2]: unit for unit in read(files["de-DE.xlf"]).units}
    source = {field.path: field.text for field in text_fields(made.served.published[1].content)}
    assert {path: unit.source for path, unit in units.items()} == source
    assert units["basic_info.overview"].target == "Ein Bass & <mehr>."
    assert not any(unit.isapproved() for unit in units.values())


def test_states_languages_and_the_hash_of_the_source() -> None:
    short = german(key_features=["eins"])
    made = item(of=product(product_id="A-1"), contents={"en-US": locale_content(), "de-DE": short})
    files = written(XLIFF, options("en-US", "de-DE"), made)
    [entry] = ElementTree.fromstring(files["de-DE.xlf"])
    assert entry.attrib.pop("build-num")
    assert entry.attrib == {
        "original": "A-1", "source-language": "en-US", "target-language": "de-DE", "datatype": "plaintext",
    }  # fmt: skip
    states = {unit.attrib["id"]: unit.find(f"{X}target") for unit in entry.iter(f"{X}trans-unit")}
    state = {path: target.attrib["state"] for path, target in states.items() if target is not None}
    assert state["basic_info.key_features.0"] == "needs-review-translation"
    assert state["basic_info.key_features.1"] == "needs-translation"


def test_a_changed_source_has_another_hash_and_a_changed_target_has_not() -> None:
    def build_num(source: dict[str, Any], target: dict[str, Any]) -> str:
        made = item(contents={"en-US": source, "de-DE": target})
        files = written(XLIFF, options("en-US", "de-DE"), made)
        return ElementTree.fromstring(files["de-DE.xlf"])[0].attrib["build-num"]

    first = build_num(locale_content(), german())
    assert first == build_num(locale_content(), german(overview="Anders."))
    assert first != build_num(german(), german())


def test_texts_without_a_source_are_listed() -> None:
    longer = german(key_features=["eins", "zwei", "drei", "vier"])
    made = item(contents={"en-US": locale_content(), "de-DE": longer})
    report = written(XLIFF, options("en-US", "de-DE"), made)["report.csv"].decode()
    assert "basic_info.key_features.3,left_out" in report
    only_german = written(XLIFF, options("en-US", "de-DE"), item("de-DE"))
    assert "no text in the source language" in only_german["report.csv"].decode()
