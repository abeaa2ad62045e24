"""The checks on real answers, on planted defects, and on the texts of the emulator.

`python -m tests.benchmarks.content.measure` measures all of it. These tests assert the confirmed results.
"""

from collections import Counter

from shared.content.quality import run_checks
from tests.benchmarks.content.measure import (
    count_catalogue_findings,
    count_found_defects,
    count_found_reviews,
    measure_emulated_defects,
    real_contexts,
)
from tests.benchmarks.content.planted_defects import planted_defects
from tests.unit.content.contexts import make_product_context
from tests.unit.content.real_data import real_answers, real_rows, rich_answers


def test_the_findings_in_real_texts_are_those_that_a_person_confirmed() -> None:
    found = Counter(
        finding.rule for _, context in real_contexts() for finding in run_checks(context).findings
    )
    assert found == {
        "customer_review": 12,
        "forbidden_claim": 6,
        "glossary": 5,
        "less_full_than_first": 10,
        "unsourced_accessory": 18,
        "unsourced_number": 21,
        "wrong_side_spelling": 1,
    }


def test_three_products_have_no_errors_in_any_locale() -> None:
    clean = {
        context.source.name
        for _, context in real_contexts()
        if not run_checks(context).errors and run_checks(context).score >= 90
    }
    failed = {context.source.name for _, context in real_contexts() if run_checks(context).errors}
    assert len(clean - failed) == 3


def test_ratings_and_prices_in_the_rich_answers_are_found() -> None:
    rules = [
        {finding.rule for finding in run_checks(make_product_context(product, "en-US", texts)).findings}
        for product, texts in rich_answers()
    ]
    assert len(rules) == 6
    assert all({"rating_in_text", "price", "unsourced_number"} <= found for found in rules)
    assert not any("wrong_language" in found or "markup" in found for found in rules)


def test_invented_reviews_are_found() -> None:
    assert count_found_reviews() == (41, 42)


def test_descriptions_have_hardly_any_findings_against_their_own_records() -> None:
    assert len(real_rows()) == 1200
    # Three American spellings in texts of a British shop, and one German description.
    assert count_catalogue_findings() == {"wrong_side_spelling": 3, "wrong_language": 1}


def test_planted_defects_are_found() -> None:
    names = {answer.product.name for answer in real_answers()[:1]}
    planted, found = count_found_defects(
        lambda context: planted_defects(context) if context.source.name in names else iter(())
    )
    assert sum(planted.values()) > 700
    missed = {rule: planted[rule] - found[rule] for rule in planted if found[rule] < planted[rule]}
    # A sentence of eight words that differs between Spanish, Italian and Portuguese only by its ending.
    assert missed == {"wrong_language": 2}


def test_the_texts_of_the_emulator_are_clean_and_their_defects_are_found() -> None:
    for defect, written, noticed, rules in measure_emulated_defects(real_answers()[:2]):
        assert noticed == (0 if defect == "none" else written), (defect, rules)
