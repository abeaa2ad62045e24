"""Rules for words: what each finds, with words and offsets, and what it accepts."""

from collections import Counter

import pytest

from shared.content.quality import (
    accessories,
    address_form,
    glossary,
    language,
    marketing_claims,
    naming,
    spelling,
)
from shared.content.text_fields import TextField
from shared.content.word_counts import folded_words
from tests.examples import product
from tests.unit.content.contexts import findings_of, make_context


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
    assert {rule for rule, _ in findings_of(marketing_claims.check, text, locale)} == {"customer_review"}


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
    assert {name for name, _ in findings_of(marketing_claims.check, text, locale)} == {rule}


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
def test_ordinary_words_are_not_claims(locale: str, text: str) -> None:
    assert findings_of(marketing_claims.check, text, locale) == []


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
    assert [rule for rule, _ in findings_of(accessories.check, text, locale)] == ["unsourced_accessory"]


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("de-DE", "Inklusive Tasche."),
        ("en-GB", "Keep it in a case, on a stand."),
        ("fr-FR", "Housse incluse."),
        ("es-ES", "Conviene dejarlo en la correa, incluso en pausas."),
    ],
)
def test_accessories_of_the_record_and_advice_are_accepted(locale: str, text: str) -> None:
    assert findings_of(accessories.check, text, locale) == []


def test_an_accessory_that_the_record_names_in_another_language_and_form() -> None:
    drums = product(description="Hardware mit doppelstrebigen Ständern, Hi-Hat-Maschine.", specs={})
    assert findings_of(accessories.check, "Pied de charleston inclus", "fr-FR", drums) == []


@pytest.mark.parametrize(
    ("locale", "text", "expected"),
    [
        ("en-US", "The colour and the centre are grey.", ["colour", "centre", "grey"]),
        ("en-GB", "The color and the center are gray.", ["color", "center", "gray"]),
        ("en-GB", "Traveler guitars to practice on; organize your program.", []),
        ("en-GB", "The wagon of a jailer; initialization of the synth.", []),
        ("en-US", "The initialisation of the synth.", ["initialisation"]),
        ("en-US", "Theatre Gray, a catalogue of discs, gauge of strings.", []),
        ("pt-PT", "Você toca com o controle de volume.", ["Você", "controle"]),
        ("pt-PT", "Está tocando num palco econômico.", ["Está tocando", "econômico"]),
        ("pt-PT", "O registo e o contacto com o ecrã são diretos; controle a humidade.", []),
        ("de-DE", "Die color ist egal.", []),
    ],
)
def test_spellings_of_another_country(locale: str, text: str, expected: list[str]) -> None:
    assert [words for _, words in findings_of(spelling.check, text, locale)] == expected


GERMAN = "Die Gitarre liegt gut in der Hand und klingt auch nach Stunden noch warm und klar."
ENGLISH = "The guitar sits well in the hand and still sounds warm and clear after many hours."


def test_a_text_in_another_language() -> None:
    assert findings_of(language.check, ENGLISH, "de-DE") == [("wrong_language", ENGLISH)]
    assert findings_of(language.check, GERMAN, "de-DE") == []


def test_one_sentence_in_another_language_is_found_within_its_field() -> None:
    assert findings_of(language.check, f"{GERMAN} {ENGLISH}", "de-DE") == [("wrong_language", ENGLISH)]


@pytest.mark.parametrize(
    "text", ["Höfner Shorty Violin Bass 1963", "Blues, Rock", "Grand Auditorium Cutaway"]
)
def test_names_and_short_texts_are_accepted_in_every_language(text: str) -> None:
    assert findings_of(language.check, text, "de-DE") == []


def test_terms_that_the_guide_says_to_avoid() -> None:
    assert findings_of(glossary.check, "Ein Fretboard aus Ahorn.", "de-DE") == [("glossary", "Fretboard")]
    assert findings_of(glossary.check, "A fretboard of maple.", "en-US") == []
    named = product(name="Ardena Fretboard One")
    assert findings_of(glossary.check, "Das Fretboard One.", "de-DE", named) == []


def test_a_missing_name() -> None:
    assert [rule for rule, _ in findings_of(naming.check, "A good instrument.")] == ["name_missing"] * 2
    assert findings_of(naming.check, "The Höfner Shorty Violin is a bass.") == []


@pytest.mark.parametrize("word", ["Hofner", "Höffner", "Höfnar"])
def test_a_misspelt_brand(word: str) -> None:
    text = f"The Höfner Shorty Violin, a {word} of old."
    rules = findings_of(naming.check, text)
    assert ("name_misspelt", word) in rules


@pytest.mark.parametrize("word", ["Höfners", "Höfner's", "Höfner-Klang", "Hafen", "Offen"])
def test_inflections_and_other_words_are_not_misspellings(word: str) -> None:
    assert findings_of(naming.check, f"The Höfner Shorty Violin, a {word} of old.") == []


def test_other_brands_and_shops() -> None:
    text = "The Höfner Shorty Violin rivals Fender and is sold by Sweetwater."
    assert findings_of(naming.check, text) == [("other_brand", "Fender"), ("other_brand", "Sweetwater")]
    about = product(name="Shorty", brand="Höfner", description="for Fender amplifiers")
    assert findings_of(naming.check, "The Höfner Shorty with Fender amplifiers.", about=about) == []


def test_each_function_word_is_listed_once() -> None:
    owners = Counter(word for words in language.function_words().values() for word in words.split())
    assert [word for word, count in owners.items() if count > 1] == []
    assert {len(name.split()) for name in language.function_words()} == {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("um saco acolchoado para o transporte", ["pt"]),
        ("primi passi con un insegnante paziente", []),
        ("um das Gerät", []),
        ("primeros pasos con un profesor y para todos", ["es"]),
        ("tidy workmanship on visible joints", []),
        ("Saiten, Gurt", []),
        ("the guitar und its strings", []),
    ],
)
def test_function_words_of_several_languages_show_a_language_together(text: str, expected: list[str]) -> None:
    words = folded_words(text)
    assert [
        name for name in ("de", "en", "es", "fr", "it", "pt") if language._is_clearly_in(name, words)
    ] == expected


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en-US", "Owners of small rooms"),
        ("pt-PT", "Um comprador com pouco espaço"),
        ("de-DE", "Käufer mit wenig Platz"),
    ],
)
def test_a_buyer_in_a_field_about_the_audience_is_no_opinion(locale: str, text: str) -> None:
    for path, count in (
        ("purchase_decision.best_for.0.user_type", 0),
        ("purchase_decision.why_not_buy.0.description", 0),
        ("basic_info.overview", 1),
    ):
        findings = list(marketing_claims.check(make_context(TextField(path, text), locale=locale)))
        assert [finding.rule for finding in findings] == ["customer_mention"] * count
    critics = TextField("purchase_decision.best_for.0.reason", "Critics know it.")
    assert len(list(marketing_claims.check(make_context(critics, locale="en-US")))) == 1


@pytest.mark.parametrize(
    ("locale", "text", "expected"),
    [
        ("de-DE", "Bitte beachten Sie die Saitenlage, wenn Ihre Gitarre neu ist.", ["Sie"]),
        ("de-DE", "Sie klingt warm, und sie passt zu dir und deinem Verstärker.", []),
        ("es-ES", "Usted toca con púa.", ["Usted"]),
        ("es-ES", "Si tú tocas con púa, tu sonido gana.", []),
        ("fr-FR", "Si tu joues debout, pense à toi.", ["tu"]),
        ("fr-FR", "Si vous jouez debout, le ton reste clair.", []),
        ("it-IT", "Se voi suonate in piedi.", ["voi"]),
        ("it-IT", "Se suoni in piedi, la tua mano riposa.", []),
        ("pt-PT", "Se tu tocas de pé, podes descansar.", ["tu"]),
        ("en-GB", "You play, they listen.", []),
    ],
)
def test_the_form_of_address_is_that_of_the_guide(locale: str, text: str, expected: list[str]) -> None:
    assert findings_of(address_form.check, text, locale) == [("address_form", word) for word in expected]


def test_a_brand_of_a_part_that_the_record_names_is_no_other_brand() -> None:
    about = product(name="Ardena Spin 2", brand="Ardena", description="With Audio-Technica cartridge")
    text = "The Ardena Spin 2 has an Audio-Technica cartridge."
    assert findings_of(naming.check, text, about=about) == []
    assert findings_of(naming.check, text, about=product(name="Ardena Spin 2", brand="Ardena")) == [
        ("other_brand", "Audio-Technica")
    ]
