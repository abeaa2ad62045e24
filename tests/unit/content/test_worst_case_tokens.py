"""Compares the longest valid answers, made of ordinary words, with the output tokens of a request."""

from typing import Any

import orjson
import pytest

from local.openai_emulator.languages import phrases_for
from shared.content.answer_validation import validate_answer
from shared.content.families import Family
from shared.content.locales import LOCALES
from shared.content.product_facts import ProductFacts
from shared.content.sections import LocaleContent
from shared.content.sound_characteristics import BassSound, Sound
from shared.content.token_count import count_tokens
from shared.content.worst_case_tokens import worst_case_tokens
from shared.domain.outcome import Outcome
from tests.conftest import make_settings
from tests.examples import product_facts

# The most tokens of the longest answer to a default request, which leaves a margin to its 4,000.
LIMIT_WITH_MARGIN = 3_600


def longest_content(locale: str, family: Family) -> dict[str, Any]:
    """Content with every text and list as long as validation allows."""
    schema = LocaleContent.model_json_schema()
    source = " ".join(text for text in phrases_for(locale).sentences if "{" not in text)
    # The sentences have no links, and repetition does not matter to a tokenizer.
    source = " ".join([source] * 4)
    definitions = schema["$defs"]

    def fill(node: dict[str, Any]) -> Any:
        if "$ref" in node:
            return fill(definitions[node["$ref"].rsplit("/", 1)[1]])
        if "oneOf" in node:
            names = {model.family: model.__name__ for model in Sound.__subclasses__()}
            return fill(definitions[names[family]])
        if node["type"] == "object":
            return {name: fill(child) for name, child in node["properties"].items()}
        if node["type"] == "array":
            return [fill(node["items"])] * node["maxItems"]
        return (source[: node["maxLength"] - 1] + "x")[: node["maxLength"]].strip()

    return dict(fill(schema))


@pytest.mark.parametrize("locale", LOCALES)
def test_the_longest_valid_answer_fits_into_the_default_output_tokens(locale: str) -> None:
    facts = {**product_facts(), "best_genres": ["singer_songwriter", "film_score", "hip_hop", "rnb", "world"]}
    answer = {"facts": facts, locale: longest_content(locale, Family.BASS)}
    text = orjson.dumps(answer).decode()
    result = validate_answer(text, (locale,), facts=True)
    assert (result.outcome, result.reason) == (Outcome.STORED, "")
    assert count_tokens(text) <= worst_case_tokens((locale,), facts=True) <= LIMIT_WITH_MARGIN
    assert make_settings().max_tokens > LIMIT_WITH_MARGIN


def test_the_estimate_grows_with_the_request() -> None:
    one, two = worst_case_tokens(("it-IT",)), worst_case_tokens(("it-IT", "de-DE"))
    assert worst_case_tokens(("it-IT",), facts=False) < one < two < 2 * one
    assert BassSound.model_fields.keys() > Sound.model_fields.keys()
    assert len(ProductFacts.model_fields) == 9


@pytest.mark.parametrize(("per_request", "tokens"), [(1, 3000), (2, 4000), (2, 6000)])
def test_settings_reject_a_group_whose_longest_answer_does_not_fit(per_request: int, tokens: int) -> None:
    with pytest.raises(ValueError, match="MAX_TOKENS must be at least"):
        make_settings(locales_per_request=per_request, max_tokens=tokens)


def test_settings_accept_a_group_whose_longest_answer_fits() -> None:
    assert make_settings(locales_per_request=2, max_tokens=6600).locales_per_request == 2
