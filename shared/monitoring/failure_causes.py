"""What makes work fail, and what a person does about it: by outcome of a request, and by code of a job."""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, Field

from shared.domain.batch import DEFAULT_DEPLOYMENT
from shared.domain.outcome import Outcome
from shared.persistence.category_counts import Failure
from shared.persistence.category_summaries import CategorySummary

ADVICE: Mapping[Outcome, str] = {
    Outcome.TRUNCATED: "The answer hit MAX_TOKENS. It is asked again alone, once with twice the cap.",
    Outcome.CONTENT_FILTERED: "Azure's filter stopped it. Words in the product's facts may have set it off.",
    Outcome.REFUSED: "The model refused. Look at the product's facts, and mend them in the catalogue.",
    Outcome.INVALID_JSON: "The answer was no JSON. It is asked again, and told so.",
    Outcome.SCHEMA_INVALID: "A text broke a rule. It is asked again, and told which.",
    Outcome.REJECTED: "The checks found errors, or too low a score. The product page marks the words.",
    Outcome.REQUEST_FAILED: "Azure failed the request. What it said is in the sample.",
    Outcome.EXPIRED: "Azure ran out of its 24 hours. The next run asks again; smaller files help.",
    Outcome.CANCELLED: "Somebody cancelled the batch. Start a run to ask again.",
    Outcome.MISSING: "Azure sent no line for it. It is asked again.",
}

# Codes of jobs and calls that meet the same refusal until somebody has mended something.
_MEND: Mapping[str, str] = {
    "401": "Azure OpenAI does not take the key: set OPENAI_API_KEY, or give the app's identity its role.",
    "403": "Azure OpenAI does not let the app in: give its identity the role, or open its network.",
    "404": "Azure OpenAI knows no such resource or path: check AZURE_OPENAI_ENDPOINT and the API version.",
    "model_not_found": "The deployment is gone: check AZURE_OPENAI_DEPLOYMENT_NAME.",
    "DeploymentNotFound": "The deployment is gone: check AZURE_OPENAI_DEPLOYMENT_NAME.",
    "invalid_request": "Azure refuses the job: the deployment must be of a batch type (make doctor tells).",
    "input_no_permissions": "Azure may not read the input: check the storage role of the resource.",
}


class Cause(BaseModel):
    """One cause over all categories."""

    outcome: Outcome
    products: int
    given_up: int = Field(description="of these, that are not tried again by themselves")
    locales: dict[str, int] = Field(description="texts missing for it, by locale")
    categories: list[str] = Field(description="slugs")
    sample_id: str = Field(description="a product that misses a text for it")
    sample: str = Field(description="what was said of that product")
    advice: str


def causes(summaries: Iterable[CategorySummary]) -> list[Cause]:
    """What keeps texts missing, the most products first."""
    by_outcome: dict[Outcome, list[tuple[str, Failure]]] = {}
    for summary in summaries:
        for failure in summary.failures:
            by_outcome.setdefault(failure.outcome, []).append((summary.category, failure))
    found = [_cause(outcome, failures) for outcome, failures in by_outcome.items()]
    return sorted(found, key=lambda cause: (-cause.products, cause.outcome))


def to_mend(job_error: str | None, deployment: str = DEFAULT_DEPLOYMENT) -> str | None:
    """What a person must mend before a job can do better; None where trying again may help."""
    code = (job_error or "").partition(":")[0].strip()
    mend = _MEND.get(code)
    if mend is None or deployment == DEFAULT_DEPLOYMENT:
        return mend
    return f"{mend} For this deployment, {deployment}, that stands in its entry of MORE_DEPLOYMENTS."


def _cause(outcome: Outcome, failures: list[tuple[str, Failure]]) -> Cause:
    locales: dict[str, int] = {}
    for _, failure in failures:
        for locale, count in failure.locales.items():
            locales[locale] = locales.get(locale, 0) + count
    # Of one that is given up there is more to see.
    sampled = max((failure for _, failure in failures), key=lambda failure: failure.given_up)
    return Cause(
        outcome=outcome,
        products=sum(failure.products for _, failure in failures),
        given_up=sum(failure.given_up for _, failure in failures),
        locales=locales,
        categories=[category for category, _ in failures],
        sample_id=sampled.sample_id,
        sample=sampled.sample,
        advice=ADVICE.get(outcome, ""),
    )
