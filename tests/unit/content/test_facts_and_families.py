from typing import Any

import orjson
import pytest

from shared.content.answer_validation import AnswerResult, validate_answer
from shared.content.content_records import PublishedContent, PublishedFacts, ServedContent
from shared.content.document import build_document
from shared.content.product_facts import ProductFacts
from shared.content.quality import read_source_record
from shared.content.sections import LocaleContent
from shared.content.worst_case_tokens import longest_plan, worst_case_tokens
from shared.domain.outcome import Outcome
from shared.domain.product import ProductImage
from tests.conftest import make_settings
from tests.examples import (
    NOW,
    answer_text,
    earlier_facts,
    locale_answer,
    locale_content,
    plan,
    product,
    product_facts,
)

RECORD_WORDS = read_source_record(product()).words


def facts_of(**changes: Any) -> AnswerResult:
    text = answer_text({"de-DE": locale_answer()}, {**product_facts(), **changes})
    return validate_answer(text, ("de-DE",), plan(), facts=True, record_words=RECORD_WORDS)


def test_the_result_has_the_facts() -> None:
    result = facts_of()
    assert (result.outcome, result.reason, list(result.contents)) == (Outcome.STORED, "", ["de-DE"])
    assert result.facts == ProductFacts.model_validate(product_facts())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"skill_level": "guru"}, "facts.skill_level: "),
        ({"best_genres": ["schlager"]}, "facts.best_genres.0: "),
        ({"best_genres": None}, "facts.best_genres: "),
        ({"build_quality": 7}, "facts.build_quality: Extra inputs"),
    ],
)
def test_invalid_facts_are_a_separate_fault_and_do_not_invalidate_texts(
    change: dict[str, Any], message: str
) -> None:
    result = facts_of(**change)
    assert (result.outcome, result.facts, list(result.contents)) == (
        Outcome.SCHEMA_INVALID, None, ["de-DE"],
    )  # fmt: skip
    assert message in result.faults["facts"]


def test_unknown_facts_are_good() -> None:
    result = facts_of(skill_level=None, skill_level_basis=None, best_genres=[], best_genres_basis=None)
    assert (result.outcome, result.facts) == (Outcome.STORED, ProductFacts())


@pytest.mark.parametrize("basis", [None, "for beginners", "two humbuckers for beginners"])
def test_a_fact_without_words_of_the_record_is_unknown(basis: str | None) -> None:
    result = facts_of(skill_level_basis=basis)
    assert result.outcome == Outcome.STORED
    assert result.facts is not None
    assert (result.facts.skill_level, result.facts.skill_level_basis) == (None, None)
    assert result.facts.best_genres == ["blues", "rock"]


def test_missing_facts_are_a_fault_only_if_they_were_requested() -> None:
    text = answer_text({"de-DE": locale_answer()})
    assert validate_answer(text, ("de-DE",), plan()).outcome == Outcome.STORED
    faults = validate_answer(text, ("de-DE",), plan(), facts=True).faults
    assert faults == {"facts": "facts: missing from the answer"}


def test_duplicate_genres_are_removed() -> None:
    result = facts_of(best_genres=["rock", "blues", "rock"])
    assert result.facts is not None
    assert result.facts.best_genres == ["rock", "blues"]


def test_facts_of_the_version_before_are_readable_without_their_ratings() -> None:
    facts = ProductFacts.model_validate(earlier_facts())
    assert facts.model_dump(exclude_defaults=True) == {
        "skill_level": "beginner",
        "best_genres": ["blues", "rock"],
    }


def test_stored_content_is_read_back_unchanged() -> None:
    content = LocaleContent.model_validate(locale_content())
    assert LocaleContent.model_validate_json(content.model_dump_json()) == content


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
    assert german["basic_info"]["skill_level"] == french["basic_info"]["skill_level"] == "beginner"
    assert german["technical_analysis"]["best_genres"] == ["blues", "rock"]
    assert document["content_metadata"]["facts_basis"] == {
        "skill_level": "two humbuckers", "best_genres": "mahogany body",
    }  # fmt: skip


def test_ratings_and_levels_of_earlier_facts_are_not_served() -> None:
    facts = ProductFacts.model_validate(earlier_facts())
    document = build_document(product(), served(facts, "de-DE"), ("de-DE",))
    text = orjson.dumps(document).decode()
    assert not [
        name for name in ("ratings", "durability", "learning_curve", "maintenance_level") if name in text
    ]
    assert document["ai_generated_content"]["de-DE"]["basic_info"]["skill_level"] == "beginner"


def test_absent_parts_are_left_out_and_metadata_are_computed() -> None:
    short = {"basic_info": {"overview": "A plain guitar for quiet evenings.", "seo_title": "Ardena"}}
    made = published("de-DE").model_copy(
        update={"content": LocaleContent.model_validate(short), "plan": plan()}
    )
    document = build_document(product(), ServedContent((made,)), ("de-DE", "fr-FR"))
    assert document["ai_generated_content"] == {"de-DE": short, "fr-FR": None}
    assert document["qa"] == {"fr-FR": None}
    metadata = document["content_metadata"]["locales"]["de-DE"]
    assert metadata["plan"] == {"depth": "standard", "facts": 4, "parts": list(plan().parts)}
    assert metadata["words"] == 7


def test_the_document_of_earlier_content_has_all_its_texts() -> None:
    document = build_document(product(), served(None, "de-DE"), ("de-DE",))
    sections = document["ai_generated_content"]["de-DE"]
    assert "skill_level" not in sections["basic_info"]
    assert {**sections, "qa": document["qa"]["de-DE"]} == locale_content()
    assert document["content_metadata"]["score"] == 88
    metadata = document["content_metadata"]["locales"]["de-DE"]
    assert metadata["plan"] is None
    assert metadata["words"] > 200
    assert metadata["seo_keywords"][:2] == ["Ardena Halcyon 110", "mahogany body"]
    assert len(metadata["seo_keywords"]) == len(set(metadata["seo_keywords"]))


def test_the_request_body_depends_on_the_kind_of_model() -> None:
    from shared.openai_batch.request_lines import request_body

    chat = request_body(make_settings(), "d", product(), plan(), ("de-DE",))
    assert (chat["max_tokens"], chat["temperature"]) == (
        round(worst_case_tokens(("de-DE",), plan(), False) * 1.15),
        0.7,
    )
    least = worst_case_tokens(("it-IT",), longest_plan())
    small = request_body(make_settings(max_tokens=least), "d", product(), longest_plan(), ("de-DE",))
    assert small["max_tokens"] == least
    settings = make_settings(model_kind="reasoning")
    reasoning = request_body(settings, "d", product(), plan(), ("de-DE",), facts=True)
    assert reasoning["max_completion_tokens"] == 16_000
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
