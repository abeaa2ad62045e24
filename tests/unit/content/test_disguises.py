"""Markup, addresses and names that are written to escape the checks: found in texts, removed from records."""

import pytest

from shared.content.cleaning import clean_text
from shared.content.quality import addresses, foreign_letters, markup
from tests.examples import product
from tests.unit.content.contexts import findings_of

ADDRESSES = (
    "https://shop.example/a",
    "HTTPS://SHOP.EXAMPLE/A",
    "THOMANN.DE",
    "Thomann.de",
    "Andertons.Co.Uk",
    "shop-example.com",
    "hxxps://shop.example/a",
    "hxxp://shop[.]example[.]com",
    "shop[.]com",
    "shop (dot) com",
    "shop dot com",
    "shop{.}de",
    "h t t p s : / / shop.example",
    "https : //shop.example",
    "www . shop . com",
    "shop . com",
    "Thomann . de",
    "thomann. de",
    "thomann punkt de",
    "shop．example．com",
    "shop。com",
    "www．shop．com",
    "https：／／shop．example",
    "javascript:alert(1)",
    "JavaScript :alert(1)",
    "data:text/html;base64,PHN2Zz4=",
    "//shop.example/x",
    "a@shop.example",
    "a @ shop . example",
    "a (at) shop (dot) de",
    "a＠shop．de",
    "https://shop.example/" + "x" * 700,
)
NO_ADDRESSES = (
    "Klang.De Hals ist aus Ahorn",
    "Body: Alder.Neck: Maple",
    "som três. Com a ponte fixa",
    "ca. de 24 trastes",
    "reverb. Com um pedal",
    "un punto de equilibrio",
    "um ponto com corpo",
    "le point de contact",
    "Data: 24 bit",
    "No.1, Vol.2, St.James, U.S.A., D.I.Y.",
    "ein Ton (Punkt) am Ende",
    "at 440 Hz (at most)",
    '1/4" – 6.3 mm',
    "w/ bag",
    "AC/DC",
    "Ratio 4:1",
    "etc. de",
    "P.A. system",
)
MARKUP = (
    "<img src=x onerror=alert(1)",
    "<b>bold</b>",
    "a <script",
    "</div",
    "<!-- x",
    "&lt;b",
    "<?php",
    "tag\U000e0041\U000e007f",
    "heart\ufe0f",
    "soft\u00adhyphen",
    "fill\u3164er",
    "fill\u115fer",
    "\u2800",
    "join\u2060er",
    "x\u034fy",
    "line\u2028end",
    "c1\u0085",
    "half\uffa0",
    "\U000f0000",
    "mongol\u180e",
    "vs\U000e0101",
)
NO_MARKUP = ("Nut < 43 mm", "scale <43 mm", "3 < 4", "A & B", "Größe ≥ 4", "50 µF, 8 kΩ", "naïve façade")
FOREIGN = (
    "Аmazon",
    "Τhomann",
    "Gіbson",
    "ＡＭＡＺＯＮ",
    "𝐀mazon",
    "Gıbson",
    "ɡuitar",
    "Гитара",
    "ギター",
    "Аndertons",
)
NOT_FOREIGN = (
    "8 kΩ",
    "10 µF",
    "10 μF",
    "Dvořák",
    "Höfner",
    "Lâg",
    "ΔE",
    "Łódź",
    "œuvre",
    "corpo em mogno é não",
    "2×12″",
    "№ 5",
    "λ/4",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_disguised_address_is_found_and_removed(address: str) -> None:
    text = f"Siehe {address} und mehr"
    assert [rule for rule, _ in findings_of(addresses.check, text, "de-DE")][:1] == ["link"]
    cleaned = clean_text(text)
    assert cleaned.startswith("Siehe")
    assert cleaned.endswith("und mehr")
    assert findings_of(addresses.check, cleaned, "de-DE") == []
    assert not {"shop", "thomann", "http"} & set(cleaned.lower().replace(".", " ").split())


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_ordinary_words_are_no_address(text: str) -> None:
    assert findings_of(addresses.check, text, "pt-PT") == []
    assert clean_text(text) == text


@pytest.mark.parametrize("text", MARKUP)
def test_markup_and_invisible_characters_are_found_and_removed(text: str) -> None:
    assert "markup" in [rule for rule, _ in findings_of(markup.check, text)]
    assert findings_of(markup.check, clean_text(f"Ash body {text}")) == []


@pytest.mark.parametrize("text", NO_MARKUP)
def test_signs_of_ordinary_texts_are_no_markup(text: str) -> None:
    assert findings_of(markup.check, text) == []
    assert clean_text(text) == text


@pytest.mark.parametrize("text", FOREIGN)
def test_letters_of_other_scripts_are_found(text: str) -> None:
    assert findings_of(foreign_letters.check, f"Wie bei {text} gebaut", "de-DE") == [
        ("foreign_letters", text)
    ]


@pytest.mark.parametrize("text", NOT_FOREIGN)
def test_letters_of_european_names_and_units_are_not_foreign(text: str) -> None:
    assert findings_of(foreign_letters.check, text, "de-DE") == []


def test_a_word_of_the_record_may_have_any_letters() -> None:
    about = product(name="ヤマハ FG800")
    assert findings_of(foreign_letters.check, "Die ヤマハ FG800 klingt warm.", "de-DE", about) == []


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Аmazon und Gіbson", "Amazon und Gibson"),
        ("ＡＭＡＺＯＮ 𝐁ass", "AMAZON Bass"),
        ("Гитара ヤマハ 8 kΩ", "Гитара ヤマハ 8 kΩ"),
        ("ign\U000e0041ore\u00ad\ufe0f\u3164 x", "ignore x"),
        ("one\u2028two\u0090three", "one\ntwo three"),
        ("Ash <\u200bscript>x", "Ash"),
        ("Ash <🎸img <<< b", "Ash img b"),
        ("Ash <€5i", "Ash i"),
        ("Ash &\u200blt;b&\u00adgt;x", "Ash x"),
        ("Ash <https://a.example b>", "Ash"),
        ("&amp;amp;amp;lt;b&gt;x", "x"),
        ("Ash < b>bold</ b> <img src=x onerror=alert(1)", "Ash b>bold"),
        ("&#" + "1" * 5_000 + "; Ash", "Ash"),
    ],
)
def test_what_a_record_hides_is_cleaned(text: str, clean: str) -> None:
    assert clean_text(text) == clean
