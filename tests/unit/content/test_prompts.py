import re
from collections import Counter

import pytest

from shared.content.locales import LOCALES, language_of
from shared.content.prompts import messages, prompt_label, system_prompt
from shared.content.prompts.guides import guide_for
from shared.content.prompts.variants import configured_weights, variant_of
from shared.content.quality import record_talk, run_checks
from shared.content.quality.wordlists import word_patterns
from shared.content.token_count import count_tokens
from tests.examples import product
from tests.unit.content.contexts import make_context


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


@pytest.mark.parametrize("locale", LOCALES)
def test_the_good_example_of_a_guide_passes_the_checks(locale: str) -> None:
    guide = guide_for(locale)
    assert guide.address_form in guide.address
    for sentence in (guide.good, guide.bad):
        assert f"«{sentence}»" in guide.as_text()
    findings = run_checks(make_context(guide.good, locale=locale)).findings
    # One sentence does not name the product.
    assert {finding.rule for finding in findings} <= {"name_missing"}


def test_the_examples_of_record_talk_in_the_system_message_are_found_by_the_rule() -> None:
    line = next(line for line in system_prompt().splitlines() if "speak of the record" in line)
    examples = re.findall(r'"([^"]+)"', line)
    assert len(examples) == 3
    for example in examples:
        assert list(record_talk.check(make_context(f"The weight is {example}.", locale="en-US")))


def test_the_constant_part_is_short() -> None:
    """It is sent with every request, so each token counts."""
    assert count_tokens(system_prompt()) <= 520
    assert sum(count_tokens(guide_for(locale).as_text()) for locale in LOCALES) <= 900


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
