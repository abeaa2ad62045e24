"""Short texts that are right: a fact of two words, an audience of one, and no padding beside them."""

from shared.content.answer_validation import validate_answer
from shared.content.quality import check_content
from shared.content.response_schema import response_format
from shared.domain.outcome import Outcome
from tests.examples import answer_text, locale_answer, plan, product

TEXTS = {
    "es-ES": ("Cantautores", "Cuerpo de aliso"),
    "en-US": ("Songwriters", "Alder body"),
}


def test_an_audience_of_one_word_and_a_plain_fact_are_valid_and_have_no_finding() -> None:
    for locale, (audience, fact) in TEXTS.items():
        answer = locale_answer()
        answer["best_for"][0]["user_type"] = audience
        answer["key_features"] = [fact]
        result = validate_answer(answer_text({locale: answer}), (locale,), plan())
        assert (result.outcome, result.faults) == (Outcome.STORED, {})
        content = result.contents[locale]
        assert (content.purchase_decision.best_for[0].user_type, content.basic_info.key_features) == (
            audience, [fact],
        )  # fmt: skip
        findings = check_content(product(), locale, content, plan=plan()).findings
        fields = {"purchase_decision.best_for.0.user_type", "basic_info.key_features.0"}
        assert [finding for finding in findings if finding.field in fields] == []


def test_the_schema_asks_for_no_longer_texts() -> None:
    schema = response_format(("es-ES",), plan())["json_schema"]["schema"]
    assert schema["$defs"]["Audience"]["properties"]["user_type"]["description"] == "1-6 words"
    features = schema["properties"]["texts"]["items"]["properties"]["key_features"]
    assert "items of 2-10 words" in features["description"]


def test_what_the_record_does_not_carry_may_be_null_and_lists_empty() -> None:
    answer = locale_answer()
    answer |= {"best_for": [], "why_not_buy": [], "limitations": [], "tonal_profile": None}
    answer = {name: value for name, value in answer.items() if name in plan().parts}
    result = validate_answer(answer_text({"en-GB": answer}), ("en-GB",), plan())
    assert (result.outcome, result.faults) == (Outcome.STORED, {})
    findings = check_content(product(), "en-GB", result.contents["en-GB"], plan=plan()).findings
    assert [finding.rule for finding in findings if finding.severity == "error"] == []
