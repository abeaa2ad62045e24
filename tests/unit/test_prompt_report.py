"""The comparison of prompts: sums over batches, and no difference reported where there is none."""

import random

import pytest

from shared.domain.batch import Batch
from shared.domain.outcome import Outcome, VariantCounts
from shared.monitoring.prompt_report import MIN_PRODUCTS, compare, prompt_results
from tests.examples import NOW


def counts(scores: list[int], failed: int = 0, **changes: object) -> VariantCounts:
    """Counts of one product and one request per score."""
    return VariantCounts.model_validate(
        {
            "products": len(scores),
            "requests": len(scores),
            "by_outcome": {Outcome.STORED: len(scores) - failed, Outcome.REJECTED: failed},
            "scored": len(scores),
            "score_sum": sum(scores),
            "score_squares": sum(score * score for score in scores),
            "prompt_tokens": 100 * len(scores),
            "completion_tokens": 50 * len(scores),
            "cost": 0.02 * len(scores),
            **changes,
        }
    )


def batch(number: int, by_prompt: dict[str, VariantCounts]) -> Batch:
    return Batch(
        batch_id=str(number), filename="f", created_at=NOW, run_id="r", category="c", by_prompt=by_prompt
    )


def test_batches_are_summed_by_prompt_and_the_most_used_comes_first() -> None:
    plain, brief = counts([90, 80], failed=1), counts([70])
    results = prompt_results([batch(1, {"v2": plain, "v2-brief": brief}), batch(2, {"v2": plain})])
    first, second = results
    assert (first.prompt_version, first.products, first.score, first.failure_share) == ("v2", 4, 85.0, 0.5)
    assert (first.score_deviation, first.prompt_tokens_per_product) == (5.0, 100.0)
    assert first.cost_per_product == pytest.approx(0.02)
    assert first.compared is None
    assert second.compared is not None
    assert (second.compared.score_difference, second.compared.failure_difference) == (-15.0, -0.5)
    assert (second.compared.score_p, second.compared.means_anything) == (None, False)


def test_no_batches_and_batches_without_results_are_no_error() -> None:
    assert prompt_results([]) == []
    silent = VariantCounts(products=1, requests=2, by_outcome={Outcome.EXPIRED: 2})
    [result] = prompt_results([batch(1, {"v2": silent})])
    assert (result.score, result.failure_share) == (None, 1.0)


def test_equal_prompts_differ_significantly_as_rarely_as_the_level_says() -> None:
    rng = random.Random(7)

    def sample(mean: float) -> VariantCounts:
        return counts([round(rng.gauss(mean, 8)) for _ in range(200)])

    same = sum(compare(sample(85), sample(85)).means_anything for _ in range(300))
    assert same < 300 * 0.09
    other = sum(compare(sample(85), sample(88)).means_anything for _ in range(100))
    assert other > 85


def test_a_difference_in_failures_alone_can_be_significant() -> None:
    base, worse = counts([90] * 200, failed=4), counts([90] * 200, failed=30)
    found = compare(base, worse)
    assert (found.score_p, found.means_anything) == (1.0, True)
    assert found.failure_p is not None
    assert found.failure_p < 0.001


def test_a_small_sample_is_never_significant() -> None:
    few = counts([10] * (MIN_PRODUCTS - 1))
    assert compare(counts([90] * 1000), few).means_anything is False
