"""Compares prompt versions and variants, and tells whether a difference is more than chance.

The texts of one product are not independent, so the sample size of a comparison is its number of products.
Tests are two-sided and use the normal approximation: Welch's test for scores, the two-proportion test for
failures. Samples below `MIN_PRODUCTS` products are not tested.
"""

from collections.abc import Iterable, Mapping
from math import sqrt
from statistics import NormalDist

from pydantic import BaseModel, Field

from shared.domain.batch import Batch
from shared.domain.outcome import Outcome, VariantCounts

# The smallest sample, on each side, for which a p-value is computed.
MIN_PRODUCTS = 30
_SIGNIFICANCE_LEVEL = 0.05


class Comparison(BaseModel):
    """A prompt compared with the prompt that most products had.

    A p-value is the probability of a difference this large when both prompts are equally good.
    """

    score_difference: float
    score_p: float | None = Field(description="p-value of the score difference; null: too few products")
    failure_difference: float = Field(description="difference of the shares of requests that failed")
    failure_p: float | None
    means_anything: bool = Field(description="true when either difference is more than chance (p below 0.05)")


class PromptResults(BaseModel):
    """The results of one prompt version or variant."""

    prompt_version: str
    products: int
    requests: int
    by_outcome: dict[Outcome, int]
    failure_share: float
    score: float | None = Field(description="mean of all texts that got a score, rejected ones included")
    score_deviation: float | None = Field(description="standard deviation")
    prompt_tokens_per_product: float
    completion_tokens_per_product: float
    cost_per_product: float = Field(description="USD at batch prices")
    compared: Comparison | None = Field(description="null for the prompt that the others are compared with")


def prompt_results(batches: Iterable[Batch]) -> list[PromptResults]:
    """Return the results by prompt over these batches, the most used prompt first."""
    totals: dict[str, VariantCounts] = {}
    for batch in batches:
        for prompt, counts in batch.by_prompt.items():
            totals[prompt] = totals.get(prompt, VariantCounts()).plus(counts)
    return _results(totals)


def _results(totals: Mapping[str, VariantCounts]) -> list[PromptResults]:
    ordered = sorted(totals.items(), key=lambda item: (-item[1].products, item[0]))
    results = []
    for prompt, counts in ordered:
        mean, variance = _score(counts)
        results.append(
            PromptResults(
                prompt_version=prompt,
                products=counts.products,
                requests=counts.requests,
                by_outcome=counts.by_outcome,
                failure_share=round(_failure_share(counts), 4),
                score=None if mean is None else round(mean, 2),
                score_deviation=None if mean is None else round(sqrt(variance), 2),
                prompt_tokens_per_product=round(counts.prompt_tokens / counts.products, 1),
                completion_tokens_per_product=round(counts.completion_tokens / counts.products, 1),
                cost_per_product=round(counts.cost / counts.products, 6),
                compared=None if prompt == ordered[0][0] else compare(ordered[0][1], counts),
            )
        )
    return results


def compare(base: VariantCounts, other: VariantCounts) -> Comparison:
    """Compare `other` with `base`."""
    (base_mean, base_variance), (mean, variance) = _score(base), _score(other)
    difference = (mean or 0.0) - (base_mean or 0.0)
    score_p = None
    if base_mean is not None and mean is not None and _is_large_enough(base, other):
        score_p = _p_value(difference, base_variance / base.products + variance / other.products)
    base_share, share = _failure_share(base), _failure_share(other)
    failure_p = None
    if _is_large_enough(base, other):
        pooled = (base_share * base.products + share * other.products) / (base.products + other.products)
        error = pooled * (1 - pooled) * (1 / base.products + 1 / other.products)
        failure_p = _p_value(share - base_share, error)
    return Comparison(
        score_difference=round(difference, 2),
        score_p=score_p,
        failure_difference=round(share - base_share, 4),
        failure_p=failure_p,
        means_anything=any(p is not None and p < _SIGNIFICANCE_LEVEL for p in (score_p, failure_p)),
    )


def _is_large_enough(*samples: VariantCounts) -> bool:
    return all(sample.products >= MIN_PRODUCTS for sample in samples)


def _p_value(difference: float, squared_error: float) -> float:
    """Return the two-sided p-value of a difference; `squared_error` is its variance."""
    if squared_error <= 0:
        return 1.0 if difference == 0 else 0.0
    return round(2 * NormalDist().cdf(-abs(difference) / sqrt(squared_error)), 4)


def _score(counts: VariantCounts) -> tuple[float | None, float]:
    """Return the mean score (None without scores) and its variance."""
    if not counts.scored:
        return None, 0.0
    mean = counts.score_sum / counts.scored
    return mean, max(0.0, counts.score_squares / counts.scored - mean * mean)


def _failure_share(counts: VariantCounts) -> float:
    return 1 - counts.by_outcome.get(Outcome.STORED, 0) / counts.requests if counts.requests else 0.0
