"""Prompts side by side: what each version and variant came to, and whether a difference means anything.

The texts of one product go together, so the sample of every comparison is its products and not its texts.
Differences are judged by the normal approximation, two-sided (Welch for scores, two proportions for
failures), and only from `ENOUGH` products on.
"""

from collections.abc import Iterable, Mapping
from math import sqrt
from statistics import NormalDist

from pydantic import BaseModel, Field

from shared.domain.batch import Batch
from shared.domain.outcome import Outcome, VariantCounts

# Below so many products on either side nothing is said to be more than chance.
ENOUGH = 30
_CHANCE = 0.05


class Comparison(BaseModel):
    """A prompt against the one that most products had; `p` is the chance that there is no difference."""

    score_difference: float
    score_p: float | None = Field(description="null where there is too little to say")
    failure_difference: float = Field(description="of the shares of requests that failed")
    failure_p: float | None
    means_anything: bool = Field(description="either difference is more than chance")


class PromptResults(BaseModel):
    """What one version and variant of the prompt came to."""

    prompt_version: str
    products: int
    requests: int
    by_outcome: dict[Outcome, int]
    failure_share: float
    score: float | None = Field(description="mean of all texts that were given a score, rejected ones too")
    score_deviation: float | None = Field(description="standard deviation")
    prompt_tokens_per_product: float
    completion_tokens_per_product: float
    cost_per_product: float = Field(description="USD at batch prices")
    compared: Comparison | None = Field(description="null for the one that the others are compared with")


def prompt_results(batches: Iterable[Batch]) -> list[PromptResults]:
    """Results by prompt over these batches, the most used first."""
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
    """`other` against `base`."""
    (base_mean, base_variance), (mean, variance) = _score(base), _score(other)
    difference = (mean or 0.0) - (base_mean or 0.0)
    score_p = None
    if base_mean is not None and mean is not None and _enough(base, other):
        score_p = _p(difference, base_variance / base.products + variance / other.products)
    base_share, share = _failure_share(base), _failure_share(other)
    failure_p = None
    if _enough(base, other):
        pooled = (base_share * base.products + share * other.products) / (base.products + other.products)
        error = pooled * (1 - pooled) * (1 / base.products + 1 / other.products)
        failure_p = _p(share - base_share, error)
    return Comparison(
        score_difference=round(difference, 2),
        score_p=score_p,
        failure_difference=round(share - base_share, 4),
        failure_p=failure_p,
        means_anything=any(p is not None and p < _CHANCE for p in (score_p, failure_p)),
    )


def _enough(*sides: VariantCounts) -> bool:
    return all(side.products >= ENOUGH for side in sides)


def _p(difference: float, squared_error: float) -> float:
    if squared_error <= 0:
        return 1.0 if difference == 0 else 0.0
    return round(2 * NormalDist().cdf(-abs(difference) / sqrt(squared_error)), 4)


def _score(counts: VariantCounts) -> tuple[float | None, float]:
    if not counts.scored:
        return None, 0.0
    mean = counts.score_sum / counts.scored
    return mean, max(0.0, counts.score_squares / counts.scored - mean * mean)


def _failure_share(counts: VariantCounts) -> float:
    return 1 - counts.by_outcome.get(Outcome.STORED, 0) / counts.requests if counts.requests else 0.0
