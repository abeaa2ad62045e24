"""Each rule: what it finds, by its words and offsets, and what it lets be."""

from collections.abc import Callable, Iterator

import pytest

from shared.content.quality import (
    accessories,
    claims,
    dates,
    glossary,
    identifiers,
    language,
    links,
    markup,
    naming,
    prices,
    ratings,
    spelling,
)
from shared.content.quality.case import Case
from shared.content.quality.findings import Finding
from shared.models.product import Product
from tests.examples import product
from tests.unit.content.cases import case

ABOUT = product(
    name="Höfner Shorty Violin Bass 1963",
    brand="Höfner",
    sku="HOF-99812",
    description="A classic of the '80s, in its colour since 2019. With gig bag.",
    msrp_price=499.0,
    currency="EUR",
)

Rule = Callable[[Case], Iterator[Finding]]


def found(rule: Rule, text: str, locale: str = "en-GB", about: Product = ABOUT) -> list[tuple[str, str]]:
    """Rule and words of each finding; the words must stand where its offsets say."""
    findings = list(rule(case(text, locale=locale, about=about)))
    for finding in findings:
        assert finding.advice
        assert finding.field in ("field.0", "")
        if finding.field:
            assert text[finding.start : finding.end].startswith(finding.words.removesuffix("…"))
    return [(finding.rule, finding.words) for finding in findings]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("See https://shop.example/x for more.", "https://shop.example/x"),
        ("See www.thomann.de for more.", "www.thomann.de"),
        ("More at thomann.de/intl today.", "thomann.de/intl"),
        ("Write to help@shop.com today.", "help@shop.com"),
    ],
)
def test_links_and_addresses(text: str, said: str) -> None:
    assert found(links.check, text) == [("link", said)]


@pytest.mark.parametrize(
    ("text", "locale", "said"),
    [
        ("Call +49 9546 9223 0 today.", "de-DE", "+49 9546 9223 0"),
        ("Call (212) 736-5000 today.", "en-US", "(212) 736-5000"),
        ("Ring 020 7946 0018 today.", "en-GB", "020 7946 0018"),
    ],
)
def test_phone_numbers(text: str, locale: str, said: str) -> None:
    assert found(links.check, text, locale) == [("phone_number", said)]


@pytest.mark.parametrize(
    "text", ["Klang.Der Hals ist schmal.", "A.R.E. treatment, approx. 24.7 in.", "628 mm"]
)
def test_what_is_no_link(text: str) -> None:
    assert found(links.check, text, "de-DE") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("It costs £450 only.", "£450"),
        ("Für 1.299,00 € zu haben.", "1.299,00 €"),
        ("ab 450 EUR", "450 EUR"),
        ("about 450 dollars", "450 dollars"),
        ("in the €700-800 range", "€700-800"),
        ("It costs £499.", "£499"),
    ],
)
def test_prices(text: str, said: str) -> None:
    assert found(prices.check, text, "de-DE") == [("price", said)]


@pytest.mark.parametrize("text", ["499 €", "€ 499", "499,00 EUR", "499.00 euros", "628 mm", "22 frets"])
def test_the_given_price_and_other_figures_are_no_fault(text: str) -> None:
    assert found(prices.check, text, "de-DE") == []


def test_without_a_given_price_every_amount_is_a_fault() -> None:
    assert found(prices.check, "499 €", about=product()) == [("price", "499 €")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("EAN 4957812345678", {"4957812345678", "EAN 4957812345678"}),
        ("code 4 957812 345678 on it", {"4 957812 345678"}),
        ("UPC: 0 12345 67890 5", {"0 12345 67890 5", "UPC: 0"}),
        ("MPN HSB-20", {"MPN HSB-20"}),
        ("Artikelnummer steht dort", {"Artikelnummer"}),
        ("order HOF-99812 here", {"HOF-99812"}),
    ],
)
def test_identifiers(text: str, said: set[str]) -> None:
    assert {words for _, words in found(identifiers.check, text)} == said


@pytest.mark.parametrize("text", ["628 mm and 22 frets", "€1200-1400", "1,299 notes", "the Shorty 1963"])
def test_what_is_no_identifier(text: str) -> None:
    assert found(identifiers.check, text) == []


@pytest.mark.parametrize(
    ("text", "locale", "said"),
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
def test_dates_that_the_record_does_not_have(text: str, locale: str, said: str) -> None:
    assert ("unsourced_date", said) in found(dates.check, text, locale)


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
def test_dates_of_the_record_are_no_fault(text: str) -> None:
    assert found(dates.check, text) == []


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
    assert [name for name, _ in found(ratings.check, text, locale)] == [rule]


@pytest.mark.parametrize(
    "text", ["a 3/4 size in 4/4 time", "a 1/10 size", "a 9/10 inch bolt", "good for beginners"]
)
def test_sizes_and_readers_are_no_ratings(text: str) -> None:
    assert found(ratings.check, text) == []


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en-US", "Users praise its portability."),
        ("en-GB", "Highly regarded for its sound."),
        ("de-DE", "Kunden loben die Verarbeitung."),
        ("de-DE", "Gelobt für den Klang."),
        ("es-ES", "Los usuarios destacan su sonido."),
        ("fr-FR", "Les clients apprécient le son."),
        ("it-IT", "Gli utenti apprezzano il suono."),
        ("pt-PT", "Elogiada pela portabilidade."),
    ],
)
def test_invented_reviews(locale: str, text: str) -> None:
    assert {rule for rule, _ in found(claims.check, text, locale)} == {"customer_review"}


@pytest.mark.parametrize(
    ("locale", "text", "rule"),
    [
        ("en-US", "The best in its class.", "forbidden_claim"),
        ("en-GB", "An award-winning design.", "forbidden_claim"),
        ("de-DE", "Ein preisgekröntes Modell.", "forbidden_claim"),
        ("es-ES", "El mejor bajo del mercado.", "forbidden_claim"),
        ("fr-FR", "La meilleure basse du marché.", "forbidden_claim"),
        ("it-IT", "Una delle migliori.", "forbidden_claim"),
        ("pt-PT", "O melhor do mercado.", "forbidden_claim"),
        ("en-US", "A legendary sound.", "puffery"),
        ("de-DE", "Ein einzigartiger Klang.", "puffery"),
        ("fr-FR", "Une finition irréprochable.", "puffery"),
        ("en-US", "Buyers keep coming back.", "customer_mention"),
        ("de-DE", "Die meisten Gitarristen kennen sie.", "customer_mention"),
        ("en-US", "Comes with a two-year warranty.", "offer"),
        ("de-DE", "Sofort lieferbar.", "offer"),
        ("es-ES", "Con envío gratis.", "offer"),
        ("fr-FR", "Livraison gratuite.", "offer"),
        ("it-IT", "Spedizione gratuita.", "offer"),
        ("pt-PT", "Com portes grátis.", "offer"),
    ],
)
def test_claims_and_offers(locale: str, text: str, rule: str) -> None:
    assert {name for name, _ in found(claims.check, text, locale)} == {rule}


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en-US", "Best for players who love clean sounds and appreciate their neighbors."),
        ("de-DE", "Für Musiker, die Wert auf einen warmen Klang legen."),
        ("es-ES", "Ideal para músicos que buscan calidad."),
        ("fr-FR", "Le travail régulier est récompensé par un son égal."),
        ("it-IT", "Lo studio è premiato da un suono uniforme."),
        ("pt-PT", "Ideal para quem procura portabilidade."),
    ],
)
def test_plain_words_are_no_claims(locale: str, text: str) -> None:
    assert found(claims.check, text, locale) == []


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en-US", "A strap is included."),
        ("de-DE", "Inklusive Netzteil."),
        ("es-ES", "Incluye correa."),
        ("fr-FR", "Livré avec un câble."),
        ("it-IT", "Tracolla inclusa."),
        ("pt-PT", "Inclui correia."),
    ],
)
def test_accessories_that_the_record_does_not_name(locale: str, text: str) -> None:
    assert [rule for rule, _ in found(accessories.check, text, locale)] == ["unsourced_accessory"]


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("de-DE", "Inklusive Tasche."),
        ("en-GB", "Keep it in a case, on a stand."),
        ("fr-FR", "Housse incluse."),
    ],
)
def test_accessories_of_the_record_and_advice_are_no_fault(locale: str, text: str) -> None:
    assert found(accessories.check, text, locale) == []


@pytest.mark.parametrize(
    ("locale", "text", "said"),
    [
        ("en-US", "The colour and the centre are grey.", ["colour", "centre", "grey"]),
        ("en-GB", "The color and the center are gray.", ["color", "center", "gray"]),
        ("en-GB", "Traveler guitars to practice on; organize your program.", []),
        ("en-US", "Theatre Gray, a catalogue of discs, gauge of strings.", []),
        ("pt-PT", "Você toca com o controle de volume.", ["Você", "controle"]),
        ("pt-PT", "Está tocando num palco econômico.", ["Está tocando", "econômico"]),
        ("pt-PT", "O registo e o contacto com o ecrã são diretos; controle a humidade.", []),
        ("de-DE", "Die color ist egal.", []),
    ],
)
def test_spelling_of_the_wrong_side(locale: str, text: str, said: list[str]) -> None:
    assert [words for _, words in found(spelling.check, text, locale)] == said


GERMAN = "Die Gitarre liegt gut in der Hand und klingt auch nach Stunden noch warm und klar."
ENGLISH = "The guitar sits well in the hand and still sounds warm and clear after many hours."


def test_a_text_in_another_language() -> None:
    assert found(language.check, ENGLISH, "de-DE") == [("wrong_language", ENGLISH)]
    assert found(language.check, GERMAN, "de-DE") == []


def test_one_sentence_in_another_language_is_found_inside_its_field() -> None:
    assert found(language.check, f"{GERMAN} {ENGLISH}", "de-DE") == [("wrong_language", ENGLISH)]


@pytest.mark.parametrize(
    "text", ["Höfner Shorty Violin Bass 1963", "Blues, Rock", "Grand Auditorium Cutaway"]
)
def test_names_and_short_texts_have_no_language(text: str) -> None:
    assert found(language.check, text, "de-DE") == []


@pytest.mark.parametrize(
    "text",
    ["<b>bold</b>", "**bold**", "# Title", "a `code`", "[x](y)", "Rock &amp; Roll", "- item one", "1. first",
     "fine 🎸", "a\u200bb", "tab\x07", "<|end|>", "{{name}}", "line\\nline"],
)  # fmt: skip
def test_markup(text: str) -> None:
    assert found(markup.check, text)[0][0] == "markup"


@pytest.mark.parametrize(
    "text",
    ["Rock & Roll, < 43 mm and > 600", "C* and A#", "5 * 3 - 2", "1.5 mm", "R&B; a_b", "it’s “fine” – so"],
)
def test_plain_text_is_no_markup(text: str) -> None:
    assert found(markup.check, text) == []


def test_terms_that_the_glossary_says_to_avoid() -> None:
    assert found(glossary.check, "Ein Fretboard aus Ahorn.", "de-DE") == [("glossary", "Fretboard")]
    assert found(glossary.check, "A fretboard of maple.", "en-US") == []
    named = product(name="Ardena Fretboard One")
    assert found(glossary.check, "Das Fretboard One.", "de-DE", named) == []


def test_a_name_that_is_missing() -> None:
    assert [rule for rule, _ in found(naming.check, "A good instrument.")] == ["name_missing"] * 2
    assert found(naming.check, "The Höfner Shorty Violin is a bass.") == []


@pytest.mark.parametrize("word", ["Hofner", "Höffner", "Höfnar"])
def test_a_brand_that_is_misspelt(word: str) -> None:
    text = f"The Höfner Shorty Violin, a {word} of old."
    rules = found(naming.check, text)
    assert ("name_misspelt", word) in rules


@pytest.mark.parametrize("word", ["Höfners", "Höfner's", "Höfner-Klang", "Hafen", "Offen"])
def test_inflections_and_other_words_are_no_misspelling(word: str) -> None:
    assert found(naming.check, f"The Höfner Shorty Violin, a {word} of old.") == []


def test_other_brands_and_shops() -> None:
    text = "The Höfner Shorty Violin rivals Fender and is sold by Sweetwater."
    assert found(naming.check, text) == [("other_brand", "Fender"), ("other_brand", "Sweetwater")]
    about = product(name="Shorty", brand="Höfner", description="for Fender amplifiers")
    assert found(naming.check, "The Höfner Shorty with Fender amplifiers.", about=about) == []
