"""Why work fails and what a person can do about it, by request outcome and by job error code."""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, Field

from shared.domain.batch import DEFAULT_DEPLOYMENT
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

# Error codes of jobs and calls that come back until a person corrects the configuration.
_REMEDIES: Mapping[str, str] = {
    "401": "Azure OpenAI rejects the key: check OPENAI_API_KEY, or the role of the app's identity.",
    "403": "Azure OpenAI denies access: give the app's identity its role, or open the resource's network.",
    "404": "Azure OpenAI knows no such resource or path: check AZURE_OPENAI_ENDPOINT and the API version.",
    "model_not_found": "The deployment does not exist: check AZURE_OPENAI_DEPLOYMENT_NAME.",
    "DeploymentNotFound": "The deployment does not exist: check AZURE_OPENAI_DEPLOYMENT_NAME.",
    "invalid_request": "Azure rejects the job: the deployment must be of a batch type (see make doctor).",
    "input_no_permissions": "Azure may not read the input: check the resource's role on the storage account.",
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


def remedy_for(job_error: str | None, deployment: str = DEFAULT_DEPLOYMENT) -> str | None:
    """Return what a person must correct before another job can succeed.

    `job_error` is `<code>: <message>`. Returns None where another try may succeed without a person.
    """
    code = (job_error or "").partition(":")[0].strip()
    remedy = _REMEDIES.get(code)
    if remedy is None or deployment == DEFAULT_DEPLOYMENT:
        return remedy
    return f"{remedy} The settings of deployment {deployment} are in its entry of MORE_DEPLOYMENTS."


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
