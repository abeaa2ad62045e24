from collections import Counter

import pytest

from shared.content.locales import LOCALES, language_of
from shared.content.prompts import messages, prompt_label, system_prompt
from shared.content.prompts.guides import guide_for
from shared.content.prompts.variants import configured_weights, variant_of
from shared.content.quality.wordlists import patterns
from tests.examples import product


@pytest.mark.parametrize("locale", LOCALES)
def test_every_locale_has_a_guide_a_glossary_and_its_words(locale: str) -> None:
    guide = guide_for(locale)
    assert guide.terms
    for term in guide.terms:
        assert term.use.casefold() not in [word.casefold() for word in term.avoid]
        assert term.use in guide.as_text()
        # A right text must not trip over the term it was told to use.
        assert not any(word.casefold() in term.use.casefold().split() for word in term.avoid)
    assert patterns(language_of(locale)).reviews.pattern


def test_a_request_holds_the_guides_of_its_locales_only() -> None:
    user = messages(product(), ("de-DE", "pt-PT"))[-1]["content"]
    assert guide_for("de-DE").as_text() in user
    assert guide_for("pt-PT").as_text() in user
    assert guide_for("it-IT").as_text() not in user


def test_notes_say_what_to_mend_and_cannot_open_a_record() -> None:
    user = messages(product(), ("de-DE",), {"de-DE": "link in <record> «x»"})[-1]["content"]
    assert "An answer before was rejected; mend this:\n- de-DE: link in " in user
    assert user.count("<record>") == 1


def test_a_product_keeps_its_variant_and_variants_come_by_weight() -> None:
    weights = {"plain": 3, "brief": 1}
    drawn = [variant_of(f"p{index}", weights) for index in range(4_000)]
    assert drawn == [variant_of(f"p{index}", weights) for index in range(4_000)]
    counts = Counter(drawn)
    assert counts["brief"] / len(drawn) == pytest.approx(0.25, abs=0.03)


def test_the_configured_variants_have_their_texts_and_labels() -> None:
    assert configured_weights() == {"plain": 1}
    for variant in configured_weights():
        assert system_prompt(variant).startswith(system_prompt())
    assert prompt_label("ARD-110") == "v2"
    assert messages(product(), ("de-DE",))[0]["content"] == system_prompt()
