"""Repetition between key features, standout features and reasons to buy."""

import pytest

from shared.content.quality import list_repetition
from shared.content.text_fields import TextField
from tests.examples import product
from tests.unit.content.contexts import make_context

FEATURE = "basic_info.key_features"
STANDOUT = "professional_assessment.standout_features"
REASON = "purchase_decision.why_buy"


def found(*fields: tuple[str, str], locale: str = "en-US") -> list[tuple[str, str]]:
    """Field and advice of each finding."""
    context = make_context(*(TextField(*field) for field in fields), locale=locale, about=product())
    return [(finding.field, finding.advice) for finding in list_repetition.check(context)]


@pytest.mark.parametrize(
    ("locale", "feature", "standout"),
    [
        ("en-US", '1961 "C" neck profile', 'Neck profile: a 1961 "C"'),
        ("de-DE", "Geschraubter Hals aus Ahorn", "Ein geschraubter Ahornhals"),
        ("es-ES", "Aros y fondo de caoba", "La caoba en los aros y el fondo"),
        ("fr-FR", "Table en épicéa massif", "Une table massive en épicéa"),
        ("it-IT", "Fondo e fasce in mogano", "Mogano per fondo e fasce"),
        ("pt-PT", "Tampo em abeto maciço", "O tampo de abeto maciço"),
    ],
)
def test_a_standout_feature_that_only_repeats_a_fact(locale: str, feature: str, standout: str) -> None:
    (field, advice), *more = found((f"{FEATURE}.1", feature), (f"{STANDOUT}.0", standout), locale=locale)
    assert (field, more) == (f"{STANDOUT}.0", [])
    assert f"{STANDOUT}.0 repeats {FEATURE}.1" in advice
    assert "what a fact means for the player" in advice


def test_an_item_made_of_several_facts_names_their_list() -> None:
    [(field, advice)] = found(
        (f"{FEATURE}.0", "Alder body"),
        (f"{FEATURE}.1", "Rosewood fretboard"),
        (f"{STANDOUT}.0", "Alder body with rosewood fretboard"),
    )
    assert (field, f"repeats {FEATURE};" in advice) == (f"{STANDOUT}.0", True)


def test_a_reason_to_buy_is_read_with_its_title() -> None:
    fact = (f"{FEATURE}.0", "Solid spruce top")
    reason = (f"{REASON}.0.title", "Solid spruce top")
    with_audience = "Singers get chords that carry a room without an amplifier."
    assert found(fact, reason, (f"{REASON}.0.description", with_audience)) == []
    [(field, advice)] = found(fact, reason, (f"{REASON}.0.description", "The top is of solid spruce."))
    assert field == f"{REASON}.0.title"
    assert f"{REASON}.0 repeats {FEATURE}.0; say for whom" in advice


def test_what_a_fact_means_and_single_words_are_accepted() -> None:
    assert (
        found(
            (f"{FEATURE}.0", "Solid spruce top"),
            (f"{STANDOUT}.0", "The solid top answers a light touch"),
            (f"{STANDOUT}.1", "Spruce"),
            ("qa.0.answer", "Solid spruce top"),
        )
        == []
    )
