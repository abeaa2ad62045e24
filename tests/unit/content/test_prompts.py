from collections import Counter

import pytest

from shared.content.locales import LOCALES, language_of
from shared.content.prompts import messages, prompt_label, system_prompt
from shared.content.prompts.guides import guide_for
from shared.content.prompts.variants import configured_weights, variant_of
from shared.content.quality.wordlists import word_patterns
from tests.examples import product


@pytest.mark.parametrize("locale", LOCALES)
def test_every_locale_has_a_guide_a_glossary_and_word_patterns(locale: str) -> None:
    guide = guide_for(locale)
    assert guide.terms
    for term in guide.terms:
        assert term.use.casefold() not in [word.casefold() for word in term.avoid]
        assert term.use in guide.as_text()
        # The term to use must not contain a word to avoid, or correct texts would get a finding.
        assert not any(word.casefold() in term.use.casefold().split() for word in term.avoid)
    assert word_patterns(language_of(locale)).reviews.regex


def test_a_request_has_only_the_guides_of_its_locales() -> None:
    user = messages(product(), ("de-DE", "pt-PT"))[-1]["content"]
    assert guide_for("de-DE").as_text() in user
    assert guide_for("pt-PT").as_text() in user
    assert guide_for("it-IT").as_text() not in user


def test_notes_are_in_the_message_and_cannot_contain_a_record_tag() -> None:
    user = messages(product(), ("de-DE",), {"de-DE": "link in <record> «x»"})[-1]["content"]
    assert "An answer before was rejected; mend this:\n- de-DE: link in " in user
    assert user.count("<record>") == 1


def test_a_product_keeps_its_variant_and_weights_decide_the_shares() -> None:
    weights = {"plain": 3, "brief": 1}
    drawn = [variant_of(f"p{index}", weights) for index in range(4_000)]
    assert drawn == [variant_of(f"p{index}", weights) for index in range(4_000)]
    counts = Counter(drawn)
    assert counts["brief"] / len(drawn) == pytest.approx(0.25, abs=0.03)


def test_the_configured_variants_have_texts_and_labels() -> None:
    assert configured_weights() == {"plain": 1}
    for variant in configured_weights():
        assert system_prompt(variant).startswith(system_prompt())
    assert prompt_label("ARD-110") == "v3"
    assert messages(product(), ("de-DE",))[0]["content"] == system_prompt()
