"""Families by the words of categories, in the languages of real catalogues."""

from itertools import combinations

import pytest

from shared.content.content_parts import SOUND_TEXTS
from shared.content.families import Family, family_of, family_of_product, find_family
from shared.content.planning import plan_content
from shared.content.unknown_categories import is_unknown_category, unknown_category_advice
from tests.examples import product
from tests.unit.content.real_data import real_rows

CATEGORIES = {
    Family.ELECTRIC_GUITAR: """Electric Guitars|electric-guitars|E-Gitarren|guitarras eléctricas
        |Guitares électriques|Chitarre elettriche|Guitarras elétricas|Pedal Steel Guitars""",
    Family.ACOUSTIC_GUITAR: """Steel String Acoustic Guitars|Travel Guitars|Westerngitarren|Konzertgitarren
        |Guitarras acústicas|Guitares folk|Chitarre acustiche|guitarras-clasicas""",
    Family.BASS: """Electric Basses|E-Bässe|Bajos eléctricos|Basses électriques|Bassi elettrici|Baixos""",
    Family.PIANO: """Digital Pianos|Digitalpianos|Pianos numériques|pianoforti digitali|Teclados|Flügel|Orgeln
        |Claviers arrangeurs|Fisarmoniche|Akkordeons""",
    Family.SYNTHESIZER: "Synthesizer Keyboards|Sintetizadores|Synthés|Sintetizzatori|Drum Machines",
    Family.CONTROLLER: "MIDI Master Keyboards|Masterkeyboards|Claviers maîtres|Teclados controladores",
    Family.DRUMS: "Drum Kit|Schlagzeug|batteries|Baterías acústicas|Batterie acustiche|Trommeln",
    Family.AMPLIFIER: "Bass Amplifiers|Gitarrenverstärker|Amplificadores|Amplis guitare|Amplificatori",
    Family.EFFECT: "Effektgeräte|Pédales d'effet|Pedales de efectos|Effetti a pedale",
    Family.DJ: "DJ Turntables|DJ Controllers|Platines DJ",
    Family.TURNTABLE: "Turntables|Plattenspieler|Giradiscos|Platines vinyle|Giradischi|Gira-discos",
    Family.STUDIO: "Audio Interfaces|Kopfhörer|Auriculares|Casques|Cuffie|Mesas de mistura",
    Family.MICROPHONE: "Mikrofone|Micrófonos|Microphones|Microfoni",
    Family.PA: "PA Systems|Lautsprecher|Altavoces|Enceintes",
    Family.BOWED: "Standard Violins|Streichinstrumente|Kontrabässe|Cordes frottées|Violoncelli",
    Family.WIND: """Wind Instrument|Blockflöten|Flügelhörner|Bassoons|Instruments à vent|Strumenti a fiato
        |Instrumentos de sopro""",
    Family.OTHER: """Guitar Accessories|Zubehör|Keyboardständer|Gitarrensaiten|Cuerdas para guitarra
        |Piano Benches|Cordes guitare électrique|Supporti|Suportes|Acessórios|Klavierlampen|Wall Brackets""",
}


@pytest.mark.parametrize(
    ("category", "family"),
    [(name.strip(), family) for family, names in CATEGORIES.items() for name in names.split("|")],
)
def test_the_family_of_a_category(category: str, family: Family) -> None:
    assert find_family(category) == family


@pytest.mark.parametrize(
    "category", ["", "uncategorised", "Klangspielzeug", "Angebote", "Instrumentos de cuerda"]
)
def test_a_category_without_a_known_word_has_no_family(category: str) -> None:
    assert (find_family(category), family_of(category)) == (None, Family.OTHER)


@pytest.mark.parametrize(
    ("path", "family"),
    [
        ("Instruments > Guitars > Electric Guitars", Family.ELECTRIC_GUITAR),
        ("PA & Lighting > Speakers", Family.PA),
        ("Musical Instruments > String Instruments > Violins", Family.BOWED),
        ("Gitarren > Zubehör", Family.OTHER),
        ("Tasten » Digitalpianos » Neu", Family.PIANO),
    ],
)
def test_the_last_known_name_of_a_path_decides(path: str, family: Family) -> None:
    assert find_family(path) == family


def test_every_named_category_of_a_real_catalogue_has_a_family() -> None:
    named = {row.category_name for row in real_rows()} - {""}
    assert {name for name in named if find_family(name) in (None, Family.OTHER)} == {"Accessories"}


def test_a_hi_fi_turntable_is_no_dj_deck() -> None:
    deck = product(name="Ardena Spin 2", category_name="Turntables", description="Belt drive; 33/45 rpm")
    assert family_of_product(deck) == Family.TURNTABLE
    for_djs = deck.model_copy(update={"description": "Direct drive for DJs and scratching"})
    assert family_of_product(for_djs) == Family.DJ


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Ardena Piano Lamp", Family.OTHER),
        ("Ardena Wall Mount for Spin 2", Family.OTHER),
        ("Ardena Grand 88 with Stand", Family.PIANO),
        ("Ardena Grand 88 + Bench", Family.PIANO),
        ("Ardena Standard 61", Family.PIANO),
    ],
)
def test_a_lamp_or_stand_is_one_in_every_category(name: str, family: Family) -> None:
    lamp = product(name=name, category_name="Digital Pianos")
    assert family_of_product(lamp) == family
    asked = plan_content(lamp).parts
    assert ("tonal_profile" in asked) == (family == Family.PIANO)


def test_what_makes_no_sound_gets_no_tonal_profile() -> None:
    assert [family for family in Family if not family.sounds] == [Family.CONTROLLER, Family.OTHER]
    keys = product(
        category_name="MIDI Master Keyboards", description="25 keys; USB; Size: 40 cm; Maple; Pads"
    )
    assert "tonal_profile" not in plan_content(keys).parts


def test_the_mapping_of_the_shop_counts_first() -> None:
    toy = product(category="klangspielzeug", category_name="Klangspielzeug")
    assert family_of_product(toy) == Family.OTHER
    assert plan_content(toy, {"klangspielzeug": Family.DRUMS}).family == Family.DRUMS
    assert is_unknown_category("klangspielzeug", "Klangspielzeug", {})
    assert not is_unknown_category("klangspielzeug", "Klangspielzeug", {"klangspielzeug": Family.OTHER})
    assert not is_unknown_category("zubehoer", "Zubehör", {})
    assert unknown_category_advice("uncategorised", "").startswith("is missing")


def test_every_family_with_sound_has_texts_of_its_own() -> None:
    assert set(SOUND_TEXTS) == set(Family) - {Family.OTHER}
    assert all(set(one) != set(other) for one, other in combinations(SOUND_TEXTS.values(), 2))
