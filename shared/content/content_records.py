"""The rows of a product's content partition: claim, facts, served texts and tries.

A *part* of a product's content is a locale or the product's `facts`. Each part is requested, tried and stored
independently of the others.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, WrapValidator

from shared.content.product_facts import FACTS_KEY, ProductFacts
from shared.content.quality.findings import Finding
from shared.content.sections import LocaleContent
from shared.content.stored_sections import lenient
from shared.domain.content_plan import ContentPlan
from shared.domain.outcome import Outcome
from shared.domain.stored import Stored

# Stored texts and facts stay readable when the models of answers change.
StoredContent = Annotated[LocaleContent, WrapValidator(lenient(LocaleContent))]
StoredFacts = Annotated[ProductFacts, WrapValidator(lenient(ProductFacts))]


class Claim(Stored):
    """The single claim row of a product: its category, and the batch that holds the claim, if any."""

    product_id: str
    category: str
    batch_id: str | None = None
    claim_id: str | None = None
    expires_at: datetime | None = None
    moving: str | None = Field(
        default=None,
        description="the other category while the product is moved: a product row there is surplus",
    )


class TryState(StrEnum):
    """The state of the latest try for a part. A part without a row has not been tried yet."""

    STORED = "stored"
    FAILED = "failed"


class Candidate(Stored):
    """The latest try for a part, stored under `candidate~<part>`."""

    part: str = Field(description="a locale, or `facts`")
    state: TryState
    outcome: Outcome
    reason: str = ""
    attempts: int = Field(description="failed tries in a row for the same facts, including this one")
    request_locales: int = Field(default=1, description="number of locales in the request")
    had_higher_cap: bool = Field(default=False, description="whether the request had the higher output cap")
    batch_id: str
    content_hash: str
    prompt_version: str
    updated_at: datetime
    score: int | None = Field(default=None, description="0 to 100, set if the text was rejected")
    findings: list[Finding] = Field(default_factory=list, description="why the text was rejected")
    content: StoredContent | None = Field(default=None, description="the rejected text")


class PastTry(Stored):
    """One try for a part, kept after later tries."""

    part: str
    outcome: Outcome
    reason: str = ""
    score: int | None = None
    attempt: int
    batch_id: str
    prompt_version: str
    at: datetime

    @classmethod
    def of(cls, candidate: Candidate) -> "PastTry":
        """The record of a latest try that is kept: everything except its text."""
        return cls(
            part=candidate.part,
            outcome=candidate.outcome,
            reason=candidate.reason,
            score=candidate.score,
            attempt=candidate.attempts,
            batch_id=candidate.batch_id,
            prompt_version=candidate.prompt_version,
            at=candidate.updated_at,
        )


class GeneratedPart(Stored):
    """A generated part, and how it was made. Its tokens are those of the request, which parts may share."""

    content_hash: str = Field(description="hash of the catalogue facts that it was written from")
    batch_id: str
    model: str
    prompt_version: str
    prompt_tokens: int
    completion_tokens: int
    request_parts: int = Field(description="number of parts that shared the request and its tokens")
    cost: float = Field(description="the part's share of the request's cost in USD, at that time's prices")
    generated_at: datetime


class PublishedContent(GeneratedPart):
    """The content that is served in one locale."""

    locale: str
    content: StoredContent
    plan: ContentPlan | None = Field(default=None, description="what was asked; null in earlier versions")
    score: int
    findings: list[Finding] = Field(default_factory=list, description="the reasons for a score below 100")


class PublishedFacts(GeneratedPart):
    """The product facts that are served, the same in every locale."""

    facts: StoredFacts


@dataclass(frozen=True)
class ServedContent:
    """What is served for a product: its content by locale, in alphabetical order, and its facts.

    `unreadable` names parts that are stored and do not fit this version of the app. They are not served.
    """

    published: tuple[PublishedContent, ...] = ()
    facts: PublishedFacts | None = None
    unreadable: tuple[str, ...] = ()

    def only(self, locales: Container[str]) -> "ServedContent":
        """A copy with only these locales, and with the same facts."""
        unreadable = tuple(part for part in self.unreadable if part in locales or part == FACTS_KEY)
        published = tuple(item for item in self.published if item.locale in locales)
        return ServedContent(published, self.facts, unreadable)

    @property
    def cost(self) -> float:
        """The cost of everything that is served, in USD."""
        return sum(part.cost for part in (*self.published, *filter(None, [self.facts])))
