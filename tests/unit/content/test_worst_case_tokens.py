"""Compares the longest valid answers, made of ordinary words, with the output tokens of a request."""

from typing import Any

import pytest

from local.openai_emulator.languages import phrases_for
from shared.content.answer_form import locale_form
from shared.content.answer_validation import validate_answer
from shared.content.locales import LOCALES
from shared.content.planning import plan_content
from shared.content.token_count import count_tokens
from shared.content.worst_case_tokens import locales_that_fit, longest_plan, worst_case_tokens
from shared.domain.content_plan import ContentPlan
from shared.domain.outcome import Outcome
from tests.conftest import make_settings
from tests.examples import answer_text, plan, product

MINIMAL = plan_content(product(description="", specs={}))


def longest_text(locale: str, asked: ContentPlan) -> dict[str, Any]:
    """A text with every part as long as validation allows."""
    schema = locale_form(asked).model_json_schema()
    source = " ".join(text for text in phrases_for(locale).sentences if "{" not in text)
    # The sentences have no links, and repetition does not matter to a tokenizer.
    source = " ".join([source] * 4)
    definitions = schema.get("$defs", {})

    def fill(node: dict[str, Any]) -> Any:
        if "$ref" in node:
            return fill(definitions[node["$ref"].rsplit("/", 1)[1]])
        if "anyOf" in node:
            return fill(node["anyOf"][0])
        if node["type"] == "object":
            return {name: fill(child) for name, child in node["properties"].items()}
        if node["type"] == "array":
            return [fill(node["items"])] * node["maxItems"]
        return (source[: node["maxLength"] - 1] + "x")[: node["maxLength"]].strip()

    return dict(fill(schema))


@pytest.mark.parametrize("asked", [MINIMAL, plan(), longest_plan()], ids=["minimal", "standard", "longest"])
@pytest.mark.parametrize("locale", LOCALES)
def test_the_longest_valid_answer_is_within_the_estimate(locale: str, asked: ContentPlan) -> None:
    facts = {
        "skill_level": "professional",
        "skill_level_basis": "two humbuckers " * 8,
        "best_genres": ["singer_songwriter", "film_score", "hip_hop", "rnb", "world"],
        "best_genres_basis": "mahogany body " * 8,
    }
    text = answer_text({locale: longest_text(locale, asked)}, facts)
    result = validate_answer(text, (locale,), asked, facts=True)
    assert (result.outcome, result.reason) == (Outcome.STORED, "")
    assert count_tokens(text) <= worst_case_tokens((locale,), asked, facts=True)


def test_a_usual_record_fits_into_one_request_and_the_longest_into_two() -> None:
    settings = make_settings()
    assert locales_that_fit(LOCALES, plan(), settings.max_tokens) == len(LOCALES)
    # Four and three, not six and one: the larger of two requests decides how much is lost if it is cut off.
    assert locales_that_fit(LOCALES, longest_plan(), settings.max_tokens) == 4
    assert [len(group) for group in settings.locale_groups] == [4, 3]


def test_as_few_locales_as_needed_share_a_request() -> None:
    one = worst_case_tokens(("it-IT",), plan())
    assert locales_that_fit(LOCALES, plan(), one) == 1
    assert locales_that_fit(("de-DE",), plan(), 10) == 1
    assert locales_that_fit((), plan(), 10) == 1


def test_the_estimate_grows_with_the_request_and_with_the_plan() -> None:
    one, two = worst_case_tokens(("it-IT",), plan()), worst_case_tokens(("it-IT", "de-DE"), plan())
    assert worst_case_tokens(("it-IT",), plan(), facts=False) < one < two < 2 * one
    assert worst_case_tokens(("it-IT",), MINIMAL) < one < worst_case_tokens(("it-IT",), longest_plan())


@pytest.mark.parametrize(("per_request", "tokens"), [(0, 3000), (1, 3000), (2, 4000), (2, 6000)])
def test_settings_reject_a_group_whose_longest_answer_does_not_fit(per_request: int, tokens: int) -> None:
    with pytest.raises(ValueError, match="MAX_TOKENS must be at least"):
        make_settings(locales_per_request=per_request, max_tokens=tokens)


def test_settings_accept_a_group_whose_longest_answer_fits() -> None:
    assert make_settings(locales_per_request=2, max_tokens=7600).locales_per_request == 2
