"""Rules for links, prices, identifiers, dates, ratings and markup: what each finds, and what it accepts."""

import pytest

from shared.content.quality import addresses, dates, identifiers, markup, price_mentions, ratings
from tests.examples import product
from tests.unit.content.contexts import findings_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("See https://shop.example/x for more.", "https://shop.example/x"),
        ("See www.thomann.de for more.", "www.thomann.de"),
        ("More at thomann.de/intl today.", "thomann.de/intl"),
        ("Write to help@shop.com today.", "help@shop.com"),
    ],
)
def test_links_and_addresses(text: str, words: str) -> None:
    assert findings_of(addresses.check, text) == [("link", words)]


@pytest.mark.parametrize(
    ("text", "locale", "words"),
    [
        ("Call +49 9546 9223 0 today.", "de-DE", "+49 9546 9223 0"),
        ("Call (212) 736-5000 today.", "en-US", "(212) 736-5000"),
        ("Ring 020 7946 0018 today.", "en-GB", "020 7946 0018"),
    ],
)
def test_phone_numbers(text: str, locale: str, words: str) -> None:
    assert findings_of(addresses.check, text, locale) == [("phone_number", words)]


@pytest.mark.parametrize(
    "text", ["Klang.Der Hals ist schmal.", "A.R.E. treatment, approx. 24.7 in.", "628 mm"]
)
def test_texts_without_a_link(text: str) -> None:
    assert findings_of(addresses.check, text, "de-DE") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It costs £450 only.", "£450"),
        ("Für 1.299,00 € zu haben.", "1.299,00 €"),
        ("ab 450 EUR", "450 EUR"),
        ("about 450 dollars", "450 dollars"),
        ("in the €700-800 range", "€700-800"),
        ("It costs £499.", "£499"),
    ],
)
def test_prices(text: str, words: str) -> None:
    assert findings_of(price_mentions.check, text, "de-DE") == [("price", words)]


@pytest.mark.parametrize("text", ["499 €", "€ 499", "499,00 EUR", "499.00 euros", "628 mm", "22 frets"])
def test_the_price_of_the_catalogue_and_other_figures_are_accepted(text: str) -> None:
    assert findings_of(price_mentions.check, text, "de-DE") == []


def test_without_a_price_in_the_catalogue_every_amount_is_found() -> None:
    assert findings_of(price_mentions.check, "499 €", about=product()) == [("price", "499 €")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("EAN 4957812345678", {"4957812345678", "EAN 4957812345678"}),
        ("code 4 957812 345678 on it", {"4 957812 345678"}),
        ("UPC: 0 12345 67890 5", {"0 12345 67890 5", "UPC: 0"}),
        ("MPN HSB-20", {"MPN HSB-20"}),
        ("Artikelnummer steht dort", {"Artikelnummer"}),
        ("order HOF-99812 here", {"HOF-99812"}),
    ],
)
def test_identifiers(text: str, words: set[str]) -> None:
    assert {found for _, found in findings_of(identifiers.check, text)} == words


@pytest.mark.parametrize("text", ["628 mm and 22 frets", "€1200-1400", "1,299 notes", "the Shorty 1963"])
def test_texts_without_an_identifier(text: str) -> None:
    assert findings_of(identifiers.check, text) == []


@pytest.mark.parametrize(
    ("text", "locale", "words"),
    [
        ("released in 2021", "en-GB", "2021"),
        ("sound of the 1970s", "en-GB", "1970s"),
        ("sound of the '70s", "en-GB", "'70s"),
        ("Klang der 70er-Jahre", "de-DE", "70er-Jahre"),
        ("de los años 70", "es-ES", "años 70"),
        ("clásico de los 70 y más", "es-ES", "de los 70"),
        ("des années 70", "fr-FR", "années 70"),
        ("anni '70", "it-IT", "anni '70"),
        ("anos 70", "pt-PT", "anos 70"),
        ("seit dem 24.12.2023", "de-DE", "24.12.2023"),
    ],
)
def test_dates_that_the_record_does_not_have(text: str, locale: str, words: str) -> None:
    assert ("unsourced_date", words) in findings_of(dates.check, text, locale)


@pytest.mark.parametrize(
    "text",
    [
        "the '80s",
        "80er-Jahre",
        "anni '80",
        "années 80",
        "de los 80",
        "1980s",
        "the 1963",
        "since 2019",
        "2000 mm",
    ],
)
def test_dates_of_the_record_are_accepted(text: str) -> None:
    assert findings_of(dates.check, text) == []


def test_numbers_of_the_record_between_slashes_are_no_date() -> None:
    about = product(description="Two outputs, switchable between 9, 12 and 18 V.", specs={})
    assert findings_of(dates.check, "Deux sorties 9/12/18 V", "fr-FR", about) == []
    assert findings_of(dates.check, "seit 9/12/19", "de-DE", about) == [("unsourced_date", "9/12/19")]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("comfort 8/10 for most", "rating_in_text"),
        ("9 out of 10 agree", "rating_in_text"),
        ("4,5 von 5 Punkten", "rating_in_text"),
        ("a 5-star instrument", "rating_in_text"),
        ("★★★★☆", "rating_in_text"),
        ("Skill level: Intermediate", "level_in_text"),
        ("It has a steep learning curve.", "level_in_text"),
    ],
)
def test_ratings_and_levels(text: str, rule: str) -> None:
    locale = "de-DE" if "von" in text else "en-GB"
    assert [name for name, _ in findings_of(ratings.check, text, locale)] == [rule]


@pytest.mark.parametrize(
    "text", ["a 3/4 size in 4/4 time", "a 1/10 size", "a 9/10 inch bolt", "good for beginners"]
)
def test_sizes_and_kinds_of_players_are_not_ratings(text: str) -> None:
    assert findings_of(ratings.check, text) == []


@pytest.mark.parametrize(
    "text",
    ["<b>bold</b>", "**bold**", "# Title", "a `code`", "[x](y)", "Rock &amp; Roll", "- item one", "1. first",
     "fine 🎸", "a\u200bb", "tab\x07", "<|end|>", "{{name}}", "line\\nline"],
)  # fmt: skip
def test_markup(text: str) -> None:
    assert findings_of(markup.check, text)[0][0] == "markup"


@pytest.mark.parametrize(
    "text",
    ["Rock & Roll, < 43 mm and > 600", "C* and A#", "5 * 3 - 2", "1.5 mm", "R&B; a_b", "it’s “fine” – so"],
)
def test_plain_text_is_not_markup(text: str) -> None:
    assert findings_of(markup.check, text) == []
