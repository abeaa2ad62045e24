"""JSON-LD, against a JSON Schema of the shape that schema.org documents."""

from typing import Any

import jsonschema_rs
import orjson
import pytest

from shared.channels.json_ld import JSON_LD, json_ld, json_ld_bytes
from tests.channel_items import item, options, written
from tests.examples import locale_content, product

TEXT = {"type": "string", "minLength": 1}
SHAPE: dict[str, Any] = {
    "type": "object",
    "required": ["@context", "@type", "inLanguage", "mainEntity"],
    "additionalProperties": False,
    "properties": {
        "@context": {"const": "https://schema.org"},
        "@type": {"const": "WebPage"},
        "inLanguage": {"pattern": "^[a-z]{2}-[A-Z]{2}$"},
        "name": TEXT,
        "description": TEXT,
        "mainEntity": {
            "type": "object",
            "required": ["@type", "name", "description"],
            "additionalProperties": False,
            "properties": {
                "@type": {"const": "Product"},
                **dict.fromkeys(("name", "description", "sku", "mpn", "category"), TEXT),
                "gtin": {"pattern": "^([0-9]{8}|[0-9]{12,14})$"},
                "image": {"type": "array", "items": {"pattern": "^https?://"}, "minItems": 1},
                "brand": {"properties": {"@type": {"const": "Brand"}, "name": TEXT}, "required": ["name"]},
                "additionalProperty": {
                    "type": "array",
                    "items": {"required": ["@type", "name", "value"], "additionalProperties": TEXT},
                },
            },
        },
    },
}
VALIDATOR = jsonschema_rs.validator_for(SHAPE)
IMAGE = "https://shop.example/a.jpg"


@pytest.mark.parametrize(
    "made",
    [
        item("de-DE", of=product(specs={"EAN": "4006381333931", "frets": "22"}, image_uri=IMAGE)),
        item("de-DE", of=product(brand="", category_name="", specs={"EAN": "1"})),
        item(contents={"de-DE": {"basic_info": {"overview": "Kurz."}}}),
    ],
)
def test_it_has_the_documented_shape(made: Any) -> None:
    VALIDATOR.validate(json_ld(made, "de-DE"))


def test_the_language_is_at_the_page_and_a_bad_gtin_is_nowhere() -> None:
    made = item("de-DE", of=product(specs={"EAN": "4006381333932"}, image_uri=IMAGE))
    found = json_ld(made, "de-DE")
    assert found["inLanguage"] == "de-DE"
    assert not {"inLanguage", "gtin", "offers"} & set(found["mainEntity"])
    assert found["mainEntity"]["image"] == [IMAGE]
    report = written(JSON_LD, options("de-DE"), made)["report.csv"].decode()
    assert "check digit" in report


def test_it_cannot_end_a_script_element() -> None:
    content = locale_content()
    content["basic_info"]["overview"] = "</script><script>alert(1)</script> & <!--"
    made = item(contents={"en-GB": content})
    data = json_ld_bytes(made, "en-GB")
    assert not set(b"<>&") & set(data)
    assert orjson.loads(data) == json_ld(made, "en-GB")


def test_the_file_has_a_line_a_product() -> None:
    files = written(JSON_LD, options("en-GB", "de-DE"), item("en-GB"), item("en-GB", "de-DE"))
    lines = [orjson.loads(line) for line in files["json-ld-en-GB.jsonl"].splitlines()]
    assert [line["sku"] for line in lines] == ["ARD-110", "ARD-110"]
    assert len(files["json-ld-de-DE.jsonl"].splitlines()) == 1
    VALIDATOR.validate(lines[0]["json_ld"])
