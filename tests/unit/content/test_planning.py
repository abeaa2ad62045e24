from typing import Any

import pytest

from shared.content.evidence import FactKind, read_evidence
from shared.content.families import Family
from shared.content.planning import fullest_plan, plan_content
from shared.domain.content_plan import ContentPlan, Depth
from shared.domain.product import Product
from tests.examples import product
from tests.unit.content.real_data import real_rows


def described(description: str, **changes: Any) -> Product:
    return product(description=description, specs={}, **changes)


def texts(description: str, **changes: Any) -> list[str]:
    return [fact.text for fact in read_evidence(described(description, **changes)).facts]


def kinds(description: str) -> set[FactKind]:
    return set(read_evidence(described(description)).kinds)


def test_bullets_lines_sentences_and_phrases_are_facts() -> None:
    assert texts("Key features: Body: Alder; Frets: 22") == ["Body: Alder", "Frets: 22"]
    assert texts("• Body: Alder\n• Scale: 24.75 in") == ["Body: Alder", "Scale: 24.75 in"]
    assert texts("Two humbuckers. Made in 2.5 mm steel.") == ["Two humbuckers.", "Made in 2.5 mm steel."]
    assert texts("Mahogany body, maple neck, two humbuckers") == [
        "Mahogany body",
        "maple neck",
        "two humbuckers",
    ]
    assert texts("Nickel, black") == ["Nickel, black"]


def test_a_spec_is_a_fact_and_a_repeated_fact_counts_once() -> None:
    facts = read_evidence(product(description="22 frets; 22 frets", specs={"scale": "628 mm"})).facts
    assert [fact.text for fact in facts] == ["22 frets", "scale: 628 mm"]


@pytest.mark.parametrize(
    "description",
    [
        "",
        "Ardena Halcyon 110",
        "Halcyon 110 Electric Guitars",
        "110",
        "Ardena Electric Guitars at a glance; Display Electric Guitars from £ 500 - £ 1000; "
        "Go to product group Electric Guitars",
    ],
)
def test_repeated_names_and_page_furniture_are_no_facts(description: str) -> None:
    assert texts(description) == []
    assert plan_content(described(description)).depth == Depth.MINIMAL


@pytest.mark.parametrize(
    ("description", "kind"),
    [
        ("Solid spruce top", FactKind.MATERIALS),
        ("Massive Fichtendecke", FactKind.MATERIALS),
        ("Hals: Ahorn", FactKind.MATERIALS),
        ("Cuerpo de caoba", FactKind.MATERIALS),
        ("Manche vissé", FactKind.CONSTRUCTION),
        ("Bolt-on neck", FactKind.CONSTRUCTION),
        ("Mensur 628 mm", FactKind.DIMENSIONS),
        ("Nut 42mm", FactKind.DIMENSIONS),
        ("88 tasti pesati", FactKind.DIMENSIONS),
        ("Zwei Tonabnehmer", FactKind.ELECTRONICS),
        ("XLR-Ausgang", FactKind.ELECTRONICS),
        ("Polyphonie de 128 voix", FactKind.SOUND),
        ("Ideal para principiantes", FactKind.USE),
        ("Inkl. Koffer", FactKind.CONTENTS),
    ],
)
def test_the_kind_of_a_fact_in_the_languages_of_catalogues(description: str, kind: FactKind) -> None:
    assert kind in kinds(description)


def test_a_short_word_is_a_kind_only_by_itself() -> None:
    assert FactKind.MATERIALS not in kinds("With absolute precision")
    assert FactKind.DIMENSIONS not in kinds("Comments welcome")


def test_the_depth_follows_from_the_number_of_facts() -> None:
    facts = [f"Fact number {word} stands alone" for word in "abcdefghi"]
    depths = [plan_content(described("; ".join(facts[:count]))).depth for count in range(10)]
    assert depths == [Depth.MINIMAL] * 2 + [Depth.SHORT] * 2 + [Depth.STANDARD] * 5 + [Depth.FULL]


def test_a_part_is_asked_only_where_facts_of_its_kind_exist() -> None:
    wooden = plan_content(described("Body: Alder; Neck: Maple; Fretboard: Rosewood; Colour: Black"))
    assert {"build_quality", "tonal_profile"} <= set(wooden.parts)
    assert not {"pickups", "clean_sound"} & set(wooden.parts)
    electric = plan_content(described("Body: Alder; Two humbuckers; Volume and tone; Colour: Black"))
    assert "pickups" in electric.parts
    full = plan_content(described("; ".join(f"Fact {letter} of wood" for letter in "abcdefghi")))
    assert {"pickups", "clean_sound", "driven_sound"} <= set(full.parts)
    unknown = plan_content(described("Colour: Black; Deluxe Series; Limited Edition; Signed by hand"))
    assert not {"build_quality", "playability", "tonal_profile"} & set(unknown.parts)


def test_an_accessory_has_no_sound_and_no_care() -> None:
    stand = described(
        "Steel tube; Height 90 cm; Width 60 cm; Folds flat; Rubber feet; Black finish; For two guitars; "
        "Load 20 kg; Weight 3 kg; With bag",
        category="accessories",
        category_name="Accessories",
    )
    plan = plan_content(stand)
    assert plan.depth == Depth.FULL
    assert not {"tonal_profile", "styles", "care_instructions", "skill_development"} & set(plan.parts)
    assert "build_quality" in plan.parts


def test_a_minimal_plan_asks_for_an_overview_and_search_texts() -> None:
    assert plan_content(described("")).parts == ("overview", "seo_title", "meta_description")


def test_no_plan_is_fuller_than_the_fullest() -> None:
    for row in real_rows():
        plan = plan_content(row)
        assert set(plan.parts) <= set(fullest_plan(Family(plan.family)).parts)


def test_a_plan_survives_the_manifest() -> None:
    plan = plan_content(product())
    assert ContentPlan.model_validate_json(plan.model_dump_json()) == plan


def test_four_of_five_real_records_are_usual_and_few_forms_are_needed() -> None:
    plans = [plan_content(row) for row in real_rows()]
    usual = sum(plan.depth == Depth.STANDARD for plan in plans)
    assert usual / len(plans) > 0.9
    assert len({(plan.depth, plan.parts) for plan in plans}) <= 40
