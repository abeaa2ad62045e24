"""Why texts are missing and what a person can do about it, by request outcome."""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, Field

from shared.domain.outcome import Outcome
from shared.persistence.category_counts import Failure
from shared.persistence.category_summaries import CategorySummary

ADVICE: Mapping[Outcome, str] = {
    Outcome.TRUNCATED: "The answer was cut off at the token limit. It is requested again alone, then once "
    "more with twice the limit.",
    Outcome.CONTENT_FILTERED: "Azure's content filter blocked it. Words in the product's catalogue data may "
    "be the cause.",
    Outcome.REFUSED: "The model refused. Check the product's catalogue data and correct it.",
    Outcome.INVALID_JSON: "The answer was not valid JSON. It is requested again, and the model is told so.",
    Outcome.SCHEMA_INVALID: "A text broke a format rule. It is requested again, and the model is told which.",
    Outcome.REJECTED: "The checks found errors, or the score was too low. The product page marks the words.",
    Outcome.REQUEST_FAILED: "Azure failed the request. The example shows Azure's message.",
    Outcome.EXPIRED: "Azure did not answer within 24 hours. The next run asks again. Smaller files help.",
    Outcome.CANCELLED: "The batch was cancelled. Start a run to ask again.",
    Outcome.MISSING: "Azure returned no result for it. It is requested again.",
}


class FailureCause(BaseModel):
    """One cause of missing texts, summed over all categories."""

    outcome: Outcome
    products: int
    given_up: int = Field(description="products among them that are not tried again automatically")
    locales: dict[str, int] = Field(description="missing texts by locale")
    categories: list[str] = Field(description="slugs")
    sample_id: str = Field(description="an example: a product that misses a text for this cause")
    sample: str = Field(description="the error message of that product")
    advice: str


def failures_by_cause(summaries: Iterable[CategorySummary]) -> list[FailureCause]:
    """Return the causes of missing texts, the one that affects most products first."""
    by_outcome: dict[Outcome, list[tuple[str, Failure]]] = {}
    for summary in summaries:
        for failure in summary.failures:
            by_outcome.setdefault(failure.outcome, []).append((summary.category, failure))
    found = [_cause(outcome, failures) for outcome, failures in by_outcome.items()]
    return sorted(found, key=lambda cause: (-cause.products, cause.outcome))


def _cause(outcome: Outcome, failures: list[tuple[str, Failure]]) -> FailureCause:
    locales: dict[str, int] = {}
    for _, failure in failures:
        for locale, count in failure.locales.items():
            locales[locale] = locales.get(locale, 0) + count
    # A product that failed every try has the fullest error message.
    sampled = max((failure for _, failure in failures), key=lambda failure: failure.given_up)
    return FailureCause(
        outcome=outcome,
        products=sum(failure.products for _, failure in failures),
        given_up=sum(failure.given_up for _, failure in failures),
        locales=locales,
        categories=[category for category, _ in failures],
        sample_id=sampled.sample_id,
        sample=sampled.sample,
        advice=ADVICE.get(outcome, ""),
    )
