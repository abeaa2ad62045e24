"""Rules that compare a text with other locales, other products, the requested length and itself."""

from dataclasses import replace

import pytest

from shared.content.planning import plan_content
from shared.content.quality import (
    OtherProduct,
    Severity,
    boilerplate,
    check_content,
    copied_text,
    repetition,
    run_checks,
    text_lengths,
)
from shared.content.quality.limits import QualityLimits
from shared.content.sections import LocaleContent
from shared.content.text_fields import TextField, text_fields
from tests.conftest import make_settings
from tests.examples import locale_content, plan, product
from tests.unit.content.contexts import make_context, other_product

GERMAN = "Die Gitarre liegt gut in der Hand und klingt auch nach Stunden noch warm und klar."
OTHER = "Ein schlanker Hals macht den Wechsel zwischen den Lagen leicht und lädt zum langen Üben ein."


def fields(*texts: str) -> tuple[TextField, ...]:
    return tuple(TextField(f"field.{index}", text) for index, text in enumerate(texts))


def test_a_text_copied_from_another_locale() -> None:
    found = list(copied_text.check(make_context(GERMAN, locale="fr-FR", siblings={"de-DE": fields(GERMAN)})))
    assert [(f.rule, f.severity, f.words) for f in found] == [("copied_text", Severity.ERROR, GERMAN)]
    assert "de-DE" in found[0].advice


def test_a_similar_text_is_copied_but_a_short_one_only_if_equal() -> None:
    german = fields(GERMAN.replace("warm", "rund"))
    similar = make_context(GERMAN, locale="fr-FR", siblings={"de-DE": german})
    assert len(list(copied_text.check(similar))) == 1
    short = make_context(
        "blues e rock da camera", locale="it-IT", siblings={"es-ES": fields("blues e rock da cámara")}
    )
    assert list(copied_text.check(short)) == []


def test_equal_english_texts_names_and_different_texts_are_not_copies() -> None:
    english = make_context("The very same text in both Englishes is right by all means.", locale="en-GB")
    siblings = {"en-US": english.fields}
    assert list(copied_text.check(make_context(english.fields[0], locale="en-GB", siblings=siblings))) == []
    different = make_context(GERMAN, locale="de-DE", siblings={"fr-FR": fields(OTHER)})
    assert list(copied_text.check(different)) == []
    name = "Ardena Halcyon 110"
    assert list(copied_text.check(make_context(name, locale="de-DE", siblings={"fr-FR": fields(name)}))) == []
    # Half of each text is the name, which does not count.
    about = product(name="Ardena Halcyon Extraordinary Limited Sunburst 110")
    spanish, portuguese = (
        f"{about.name} resulta familiar y claro en casa",
        f"{about.name} parece simples e leve no palco",
    )
    found = copied_text.check(
        make_context(spanish, locale="es-ES", about=about, siblings={"pt-PT": fields(portuguese)})
    )
    assert list(found) == []


@pytest.mark.parametrize(
    ("spanish", "portuguese"),
    [
        ("Motor a 33 1/3, 45 y 78 rpm", "Motor a 33 1/3, 45 e 78 rpm"),
        (
            "Motor de tracción directa a 33, 45 y 78 rpm, control de tono lateral",
            "Motor de tracción directa a 33, 45 e 78 rpm, control de tono lateral",
        ),
        ("Modelo signature de la casa", "Modelo signature de la casa"),
    ],
)
def test_short_facts_that_are_alike_in_related_languages(spanish: str, portuguese: str) -> None:
    path = "basic_info.key_features.0"
    for locale, other, text, copy in (
        ("es-ES", "pt-PT", spanish, portuguese),
        ("pt-PT", "es-ES", portuguese, spanish),
    ):
        siblings = {other: [TextField(path, copy)]}
        context = make_context(TextField(path, text), locale=locale, siblings=siblings)
        assert list(copied_text.check(context)) == []


def test_measurements_are_the_same_in_every_language() -> None:
    path, text = "basic_info.key_features.0", "1300 x 284 x 151 mm, 16,7 kg"
    context = make_context(TextField(path, text), locale="de-DE", siblings={"pt-PT": [TextField(path, text)]})
    assert list(copied_text.check(context)) == []


def test_a_copied_list_item_of_an_unrelated_language_is_found() -> None:
    path, text = "basic_info.key_features.0", "Modelo signature de la casa"
    siblings = {"es-ES": [TextField(path, text)]}
    context = make_context(TextField(path, text), locale="de-DE", siblings=siblings)
    assert [finding.severity for finding in copied_text.check(context)] == [Severity.WARNING]
    long = f"{text} con una tapa maciza y un cuerpo ligero"
    context = make_context(TextField(path, long), locale="pt-PT", siblings={"es-ES": [TextField(path, long)]})
    assert [finding.severity for finding in copied_text.check(context)] == [Severity.ERROR]


def test_a_locale_that_is_much_shorter_than_the_first() -> None:
    siblings = {"en-US": fields(GERMAN * 4)}
    found = {
        share: [
            f.severity
            for f in text_lengths.check(make_context(GERMAN * share, locale="pt-PT", siblings=siblings))
        ]
        for share in (1, 2, 3, 4)
    }
    assert found == {1: [Severity.ERROR], 2: [Severity.WARNING], 3: [], 4: []}


def test_the_first_locale_is_not_compared_with_later_ones() -> None:
    siblings = {"pt-PT": fields(GERMAN * 4)}
    assert list(text_lengths.check(make_context(GERMAN, locale="en-US", siblings=siblings))) == []


def test_texts_far_from_the_requested_length() -> None:
    short = TextField("basic_info.overview", "Far too short for an overview.")
    long = TextField("qa.0.answer", "word " * 60)
    right = TextField("qa.1.answer", "word " * 30)
    found = list(text_lengths.check(make_context(short, long, right)))
    assert [(f.rule, f.field) for f in found] == [("length", short.path), ("length", long.path)]
    assert "18 to 90 words were asked for" in found[0].advice
    planned = replace(make_context(short), plan=plan())
    assert "35 to 60 words were asked for" in next(text_lengths.check(planned)).advice


def test_a_text_is_as_long_as_its_plan_asks() -> None:
    overview = TextField("basic_info.overview", "word " * 20)
    thin = plan_content(product(description="", specs={}))
    assert list(text_lengths.check(replace(make_context(overview), plan=thin))) == []
    assert len(list(text_lengths.check(replace(make_context(overview), plan=plan())))) == 1


def test_a_locale_with_all_that_was_asked_is_full_although_another_is_longer() -> None:
    def fullness(*own: TextField) -> list[str]:
        first = [overview(35), TextField("meta_description", "word " * 20)]
        context = make_context(*own, locale="de-DE", siblings={"en-US": first})
        planned = replace(context, plan=plan_content(product(description="", specs={})))
        return [f.rule for f in text_lengths.check(planned) if f.rule == "less_full_than_first"]

    def overview(words: int) -> TextField:
        return TextField("basic_info.overview", "word " * words)

    short_search_text = TextField("meta_description", "word " * 5)
    assert fullness(overview(18), short_search_text) == []
    assert fullness(overview(12), short_search_text) == ["less_full_than_first"]
    assert fullness(overview(18)) == ["less_full_than_first"]


def test_long_seo_texts_are_warnings() -> None:
    title, description = (
        TextField("basic_info.seo_title", "x" * 61),
        TextField("basic_info.meta_description", "y" * 156),
    )
    found = list(text_lengths.check(make_context(title, description)))
    assert [(f.rule, f.severity, f.words) for f in found] == [
        ("seo_length", Severity.WARNING, "x"), ("seo_length", Severity.WARNING, "y"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["N/A", "null", "Not specified.", "TODO", "...", "Lorem ipsum dolor sit amet"]
)
def test_placeholders(text: str) -> None:
    assert [f.rule for f in text_lengths.check(make_context(text))] == ["placeholder"]


@pytest.mark.parametrize("text", ["Agrada sobre todo a quien empieza.", "Serve todo o repertório."])
def test_words_that_resemble_placeholders(text: str) -> None:
    assert list(text_lengths.check(make_context(text))) == []


def test_repeated_sentences_and_repeated_fields() -> None:
    found = list(
        repetition.check(make_context(GERMAN, OTHER, f"Neu ist dieser kurze Satz hier am Anfang. {GERMAN}"))
    )
    assert [(f.rule, f.severity, f.field, f.words) for f in found] == [
        ("repetition", Severity.WARNING, "field.2", GERMAN)
    ]
    copies = list(repetition.check(make_context(GERMAN, OTHER, GERMAN.replace("warm", "rund"))))
    assert [(f.severity, f.field) for f in copies] == [(Severity.WARNING, "field.2")]
    filled = list(repetition.check(make_context(*[GERMAN] * 4)))
    assert [f.severity for f in filled] == [Severity.ERROR] * 3


def test_different_and_short_texts_are_not_repetition() -> None:
    assert list(repetition.check(make_context(GERMAN, OTHER, "Blues", "Blues"))) == []


def other(name: str, *texts: str) -> OtherProduct:
    return other_product(name, fields(*texts))


def test_a_text_that_another_product_has_too_apart_from_its_name() -> None:
    own_text, other_text = (
        f"Die Ardena {name} liegt gut in der Hand und klingt warm." for name in ("Halcyon 110", "Corvus")
    )
    found = list(boilerplate.check(make_context(own_text, others=[other("Ardena Corvus", other_text)])))
    assert [(f.rule, f.severity) for f in found] == [("boilerplate", Severity.WARNING)]
    assert "Ardena Corvus" in found[0].advice
    corvus = other("Ardena Corvus", *[other_text] * 4)
    many = list(boilerplate.check(make_context(*[own_text] * 4, others=[corvus])))
    assert [f.severity for f in many] == [Severity.ERROR] * 4


@pytest.mark.parametrize(
    ("one", "two", "variants"),
    [
        ("Höfner Shorty Guitar Black", "Höfner Shorty Guitar Cadillac Green", True),
        ("Ibanez GSR200 BK", "Ibanez GSR200 WH", True),
        ("Ibanez GSR200 BK", "Ibanez GSR205 BK", False),
        ("Ardena Halcyon", "Ardena Corvus", False),
        ("Black", "White", False),
    ],
)
def test_colour_variants(one: str, two: str, variants: bool) -> None:
    assert boilerplate.are_colour_variants(one, two) is variants


def test_colour_variants_and_different_texts_are_not_boilerplate() -> None:
    about = product(name="Ardena Halcyon 110 Black")
    same = other("Ardena Halcyon 110 Red", GERMAN)
    assert list(boilerplate.check(make_context(GERMAN, about=about, others=[same]))) == []
    assert list(boilerplate.check(make_context(GERMAN, others=[other("Ardena Corvus", OTHER)]))) == []


def test_questions_may_be_the_same_for_every_product() -> None:
    question = TextField("qa.0.question", "Kann ich damit auch in einem kleinen Zimmer in Ruhe üben?")
    corvus = other_product("Ardena Corvus", [question, TextField("qa.0.answer", question.text)])
    assert list(boilerplate.check(make_context(question, others=[corvus]))) == []
    answer = TextField("qa.0.answer", question.text)
    assert [f.rule for f in boilerplate.check(make_context(answer, others=[corvus]))] == ["boilerplate"]


def content() -> LocaleContent:
    return LocaleContent.model_validate(locale_content())


def test_an_assessment_has_score_reasons_and_a_decision() -> None:
    same = "One paragraph stands here, there and everywhere, and nobody has read it twice."
    assert check_content(product(), "en-GB", content()).passes(90)
    sections = content().model_dump()
    sections["technical_analysis"] |= {"build_quality": same, "playability": same}
    sections["maintenance_care"] |= {"care_instructions": same, "upgrade_potential": same}
    assessment = check_content(product(), "en-GB", LocaleContent.model_validate(sections))
    assert {finding.rule for finding in assessment.errors} == {"repetition"}
    assert assessment.score < 30
    assert not assessment.passes(0)
    assert assessment.reasons(1)[0].startswith("error: repetition in ")
    assert len(assessment.reasons(3)) == 3


def test_warnings_of_one_rule_have_a_maximum_cost_and_an_error_rejects() -> None:
    fine = make_context("The Ardena Halcyon 110 is light.", "It has a clear voice.")
    assert run_checks(fine).score == 100
    assert run_checks(fine).passes(100)
    repeated = make_context(
        "The Ardena Halcyon 110: color color color color color color color.", locale="en-GB"
    )
    assert (run_checks(repeated).score, run_checks(repeated).passes(70)) == (84, True)
    rejected = make_context("The Ardena Halcyon 110 is at www.shop.com today.")
    assert (run_checks(rejected).score, run_checks(rejected).passes(0)) == (70, False)


def test_limits_come_from_settings() -> None:
    settings = make_settings(quality_unsourced_numbers=1, quality_similarity=80)
    assert settings.quality_limits == QualityLimits(unsourced_numbers=1, similarity=80)
    assert settings.quality_minimum_score == 70
    assert text_fields(content())[0].path == "basic_info.overview"
