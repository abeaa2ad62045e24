"""The checks on real answers, on sins planted into them, and on what the emulator writes.

The whole measurement is `python -m tests.benchmarks.content.measure`; here is what must stay as it was read.
"""

from collections import Counter

from shared.content.quality import assess_texts
from tests.benchmarks.content.measure import (
    cases,
    on_catalogue_texts,
    on_emulated_sins,
    on_planted_sins,
    reviews,
)
from tests.benchmarks.content.sins import planted
from tests.unit.content.cases import about_case
from tests.unit.content.real import real_answers, real_rows, rich_answers


def test_in_real_texts_every_finding_was_read_and_is_right() -> None:
    found = Counter(finding.rule for _, case in cases() for finding in assess_texts(case).findings)
    assert found == {
        "customer_review": 12,
        "forbidden_claim": 6,
        "glossary": 5,
        "less_full_than_first": 10,
        "unsourced_accessory": 18,
        "unsourced_number": 21,
        "wrong_side_spelling": 1,
    }


def test_two_products_without_sins_pass_in_every_locale() -> None:
    clean = {
        case.subject.name
        for _, case in cases()
        if not assess_texts(case).errors and assess_texts(case).score >= 90
    }
    failed = {case.subject.name for _, case in cases() if assess_texts(case).errors}
    assert len(clean - failed) == 3


def test_the_rich_answers_are_found_to_state_ratings_and_prices() -> None:
    rules = [
        {finding.rule for finding in assess_texts(about_case(product, "en-US", texts)).findings}
        for product, texts in rich_answers()
    ]
    assert len(rules) == 6
    assert all({"rating_in_text", "price", "unsourced_number"} <= found for found in rules)
    assert not any("wrong_language" in found or "markup" in found for found in rules)


def test_invented_reviews_are_found() -> None:
    assert reviews() == (41, 42)


def test_a_catalogue_is_a_source_for_itself() -> None:
    assert len(real_rows()) == 1200
    # Three American spellings in a British shop's texts, and one German description.
    assert on_catalogue_texts() == {"wrong_side_spelling": 3, "wrong_language": 1}


def test_planted_sins_are_found() -> None:
    names = {answer.product.name for answer in real_answers()[:1]}
    sown, found = on_planted_sins(lambda case: planted(case) if case.subject.name in names else iter(()))
    assert sum(sown.values()) > 700
    missed = {rule: sown[rule] - found[rule] for rule in sown if found[rule] < sown[rule]}
    # A sentence of eight words that is right in Spanish, Italian and Portuguese but for its ending.
    assert missed == {"wrong_language": 2}


def test_what_the_emulator_writes_is_clean_and_its_sins_are_noticed() -> None:
    for sin, written, noticed, rules in on_emulated_sins(real_answers()[:2]):
        assert noticed == (0 if sin == "none" else written), (sin, rules)
