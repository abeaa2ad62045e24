from typing import Any

import orjson
import pytest

from shared.content.answer_validation import validate_answer
from shared.content.content_records import PublishedContent, PublishedFacts, ServedContent
from shared.content.document import build_document
from shared.content.families import Family, family_of
from shared.content.product_facts import ProductFacts
from shared.content.sections import LocaleContent
from shared.domain.outcome import Outcome
from shared.domain.product import ProductImage
from tests.conftest import make_settings
from tests.examples import NOW, locale_content, product, product_facts
from tests.unit.content.real_data import real_rows


def answer(**parts: Any) -> str:
    return orjson.dumps({name.replace("_", "-"): part for name, part in parts.items()}).decode()


def test_the_result_has_the_facts() -> None:
    result = validate_answer(answer(facts=product_facts(), de_DE=locale_content()), ("de-DE",), facts=True)
    assert (result.outcome, result.reason, list(result.contents)) == (Outcome.STORED, "", ["de-DE"])
    assert result.facts == ProductFacts.model_validate(product_facts())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"build_quality": 11}, "facts.build_quality: "),
        ({"build_quality": 0}, "facts.build_quality: "),
        ({"skill_level": "guru"}, "facts.skill_level: "),
        ({"best_genres": []}, "facts.best_genres: "),
        ({"best_genres": ["schlager"]}, "facts.best_genres.0: "),
        ({"price": 3}, "facts.price: Extra inputs"),
    ],
)
def test_invalid_facts_are_a_separate_fault_and_do_not_invalidate_texts(
    change: dict[str, Any], message: str
) -> None:
    text = answer(facts={**product_facts(), **change}, de_DE=locale_content())
    result = validate_answer(text, ("de-DE",), facts=True)
    assert (result.outcome, result.facts, list(result.contents)) == (
        Outcome.SCHEMA_INVALID, None, ["de-DE"],
    )  # fmt: skip
    assert message in result.faults["facts"]


def test_missing_facts_are_a_fault_only_if_they_were_requested() -> None:
    text = answer(de_DE=locale_content())
    assert validate_answer(text, ("de-DE",)).outcome == Outcome.STORED
    assert validate_answer(text, ("de-DE",), facts=True).faults == {"facts": "facts: missing from the answer"}


def test_duplicate_genres_are_removed() -> None:
    facts = ProductFacts.model_validate({**product_facts(), "best_genres": ["rock", "blues", "rock"]})
    assert facts.best_genres == ["rock", "blues"]


def test_sound_characteristics_of_another_family_are_a_fault() -> None:
    text = answer(de_DE=locale_content())
    assert validate_answer(text, ("de-DE",), family=Family.ELECTRIC_GUITAR).outcome == Outcome.STORED
    result = validate_answer(text, ("de-DE",), family=Family.PIANO)
    assert "electric_guitar, piano was asked for" in result.faults["de-DE"]


def test_a_fault_in_sound_characteristics_names_the_field_of_the_family() -> None:
    content = locale_content()
    del content["technical_analysis"]["sound_characteristics"]["pickups"]
    result = validate_answer(answer(de_DE=content), ("de-DE",))
    assert "sound_characteristics.electric_guitar.pickups: Field required" in result.reason
    content["technical_analysis"]["sound_characteristics"] = "warm"
    assert "valid dictionary" in validate_answer(answer(de_DE=content), ("de-DE",)).reason


def test_stored_content_is_read_back_unchanged() -> None:
    content = LocaleContent.model_validate(locale_content())
    assert LocaleContent.model_validate_json(content.model_dump_json()) == content


@pytest.mark.parametrize(
    ("category", "family"),
    [
        ("Electric Guitars", Family.ELECTRIC_GUITAR),
        ("electric-guitars", Family.ELECTRIC_GUITAR),
        ("Steel String Acoustic Guitars", Family.ACOUSTIC_GUITAR),
        ("Travel Guitars", Family.ACOUSTIC_GUITAR),
        ("Electric Basses", Family.BASS),
        ("Bass Amplifiers", Family.AMPLIFIER),
        ("Digital Pianos", Family.PIANO),
        ("Synthesizer Keyboards", Family.SYNTHESIZER),
        ("MIDI Master Keyboards", Family.CONTROLLER),
        ("Turntables", Family.DJ),
        ("Guitar Accessories", Family.OTHER),
        ("Wind Instrument", Family.WIND),
        ("Drum Kit", Family.DRUMS),
        ("Standard Violins", Family.BOWED),
        ("", Family.OTHER),
    ],
)
def test_the_family_of_a_category(category: str, family: Family) -> None:
    assert family_of(category) == family


def test_every_named_category_of_a_real_catalogue_has_a_family() -> None:
    named = {row.category_name for row in real_rows()} - {"", "Accessories"}
    assert [name for name in named if family_of(name) == Family.OTHER] == []


def published(locale: str) -> PublishedContent:
    return PublishedContent(
        locale=locale,
        content=LocaleContent.model_validate(locale_content()),
        content_hash="h",
        batch_id="b",
        model="gpt-4.1",
        prompt_version="v2",
        prompt_tokens=1,
        completion_tokens=1,
        request_parts=1,
        cost=0.01,
        score=88,
        generated_at=NOW,
    )


def served(facts: ProductFacts | None, *locales: str) -> ServedContent:
    generated = published(locales[0]).model_dump()
    return ServedContent(
        tuple(map(published, locales)),
        PublishedFacts.model_validate({**generated, "facts": facts}) if facts else None,
    )


def test_the_document_has_the_same_facts_in_every_language() -> None:
    facts = ProductFacts.model_validate(product_facts())
    document = build_document(product(), served(facts, "de-DE", "fr-FR"), ("de-DE", "fr-FR"))
    german, french = (document["ai_generated_content"][locale] for locale in ("de-DE", "fr-FR"))
    assert german["professional_assessment"]["ratings"] == {
        "build_quality": 7, "sound_quality": 7, "playability": 8, "versatility": 6,
    }  # fmt: skip
    assert german["basic_info"]["skill_level"] == french["basic_info"]["skill_level"] == "beginner"
    assert german["technical_analysis"]["best_genres"] == ["blues", "rock"]
    assert german["usage_guidance"]["learning_curve"] == "easy"
    assert german["maintenance_care"]["maintenance_level"] == "low"


def test_without_facts_their_values_are_null_and_metadata_are_computed() -> None:
    document = build_document(product(), served(None, "de-DE"), ("de-DE",))
    assert document["ai_generated_content"]["de-DE"]["basic_info"]["skill_level"] is None
    assert document["content_metadata"]["score"] == 88
    metadata = document["content_metadata"]["locales"]["de-DE"]
    assert metadata["words"] > 200
    assert metadata["seo_keywords"][:2] == ["Ardena Halcyon 110", "mahogany body"]
    assert len(metadata["seo_keywords"]) == len(set(metadata["seo_keywords"]))


def test_the_request_body_depends_on_the_kind_of_model() -> None:
    from shared.openai_batch.request_lines import request_body

    chat = request_body(make_settings(), "d", product(), ("de-DE",))
    assert (chat["max_tokens"], chat["temperature"]) == (4000, 0.7)
    reasoning = request_body(make_settings(model_kind="reasoning"), "d", product(), ("de-DE",), facts=True)
    assert reasoning["max_completion_tokens"] == 4000
    assert not {"max_tokens", "temperature"} & reasoning.keys()
    assert "facts" in reasoning["response_format"]["json_schema"]["schema"]["properties"]


def test_addresses_that_an_older_import_let_through_are_not_served() -> None:
    evil = r"https://evil.example\.thomann.de/x"
    image = ProductImage(source="thomann", page_url=evil, image_url=evil)
    stored = product(
        url_source=evil, image_uri=evil, images={"front_view": image}, store_links={"thomann": evil}
    )
    document = build_document(stored, served(None, "de-DE"), ("de-DE",))
    assert "evil" not in orjson.dumps(document).decode()
    assert document["product_input"]["store_links"]["thomann"]["product_url"] is None
