"""The outcome of each request: stored, or one named failure."""

from collections import Counter
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.content_plan import ContentPlan
from shared.domain.product import ProductRecord
from shared.domain.stored import Stored


class Outcome(StrEnum):
    """The possible outcomes of a request. Each request that was sent has exactly one."""

    STORED = "stored"
    TRUNCATED = "truncated"
    CONTENT_FILTERED = "content_filtered"
    REFUSED = "refused"
    INVALID_JSON = "invalid_json"
    SCHEMA_INVALID = "schema_invalid"
    REJECTED = "rejected"
    REQUEST_FAILED = "request_failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    MISSING = "missing"


# Outcomes of requests that never ran: they do not use up an attempt.
NEVER_RAN = frozenset({Outcome.EXPIRED, Outcome.CANCELLED})


class RequestOutcome(Stored):
    """The outcome of one result line. `outcome` is None when no request of the batch has its `custom_id`."""

    model_config = ConfigDict(frozen=True)

    custom_id: str
    outcome: Outcome | None
    reason: str = ""
    locales_stored: int = 0
    model: str = ""
    scores: tuple[int, ...] = Field(default=(), description="scores of the valid texts, published or not")
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    lacks_usage: bool = Field(
        default=False,
        description="it may have been charged, and its line has no valid token counts",
    )


def counts_in_place_of(request: RequestOutcome, before: RequestOutcome | None) -> bool:
    """Whether `request` counts instead of `before`, an earlier result line of the same request.

    Of several lines the first that was stored counts; if none was, the first line.
    """
    if before is None:
        return True
    return before.outcome != Outcome.STORED and request.outcome == Outcome.STORED


class OutcomeCounts(BaseModel):
    """Requests by outcome; they add up to the requests sent.

    `locales` counts the locales whose content was stored; of a request for several, only some may be stored.
    `doubled` counts duplicate result lines, and `unknown` those whose `custom_id` the batch did not send.
    """

    by_outcome: dict[Outcome, int] = Field(default_factory=dict)
    locales: int = 0
    doubled: int = 0
    unknown: int = 0
    without_usage: int = Field(
        default=0, description="requests without readable token counts, counted at their worst case"
    )

    @property
    def stored(self) -> int:
        return self.by_outcome.get(Outcome.STORED, 0)

    @property
    def answered(self) -> int:
        """Requests that the model answered completely: not cut off, filtered or refused."""
        complete = (Outcome.STORED, Outcome.REJECTED, Outcome.SCHEMA_INVALID, Outcome.INVALID_JSON)
        return sum(self.by_outcome.get(outcome, 0) for outcome in complete)

    @property
    def failed(self) -> int:
        return self.total - self.stored

    @property
    def total(self) -> int:
        return sum(self.by_outcome.values())


class VariantCounts(BaseModel):
    """Results of the requests with one version and variant of the prompt."""

    products: int = 0
    requests: int = 0
    by_outcome: dict[Outcome, int] = Field(default_factory=dict)
    scored: int = Field(default=0, description="texts that got a score, published or rejected")
    score_sum: int = 0
    score_squares: int = Field(default=0, description="sum of the squared scores")
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0

    def plus(self, other: "VariantCounts") -> "VariantCounts":
        """The sum of both."""
        sums = {
            name: getattr(self, name) + getattr(other, name)
            for name in type(self).model_fields
            if name != "by_outcome"
        }
        by_outcome = Counter(self.by_outcome) + Counter(other.by_outcome)
        return VariantCounts(by_outcome=dict(by_outcome), **sums)


class ManifestLine(Stored):
    """What a batch sent for one product. `line` is the first half of the custom ids of its requests."""

    model_config = ConfigDict(frozen=True)

    line: Annotated[int, Field(ge=0)]
    record: ProductRecord
    content_hash: str
    prompt_version: str = Field(description="version and variant of the prompt")
    groups: tuple[tuple[str, ...], ...] = Field(description="parts (locales, and `facts`) by request")
    attempts: dict[str, int] = Field(description="number of the attempt, by part")
    higher_cap: tuple[int, ...] = Field(
        default=(), description="groups whose request has the higher output cap"
    )
    notes: dict[str, str] = Field(default_factory=dict, description="what the last answer got wrong, by part")
    plan: ContentPlan | None = Field(
        default=None, description="what is requested in each locale; null in manifests of earlier versions"
    )

    @property
    def product_id(self) -> str:
        return self.record.product_id

    def custom_id(self, group: int) -> str:
        """The `custom_id` of the request for a group."""
        return f"{self.line:06d}-{group}"


def parse_custom_id(custom_id: str) -> tuple[int, int] | None:
    """Manifest line and group of a custom id, or None if it does not have the form of this app's ids."""
    line, dash, group = custom_id.partition("-")
    if dash and len(line) == 6 and _is_number(line) and _is_number(group) and str(int(group)) == group:
        return int(line), int(group)
    return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
