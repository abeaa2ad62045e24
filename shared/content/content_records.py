"""The rows of a product's content partition: claim, facts, texts that are served, and the latest tries.

A *part* of a product's content is a locale or its `facts`: each is asked for, tried and stored by itself.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from shared.content.product_facts import ProductFacts
from shared.content.quality.findings import Finding
from shared.content.sections import LocaleContent
from shared.domain.outcome import Outcome


class Claim(BaseModel):
    """A product's one claim row: where the product lives, and the batch it is promised to, if any."""

    product_id: str
    category: str
    batch_id: str | None = None
    claim_id: str | None = None
    expires_at: datetime | None = None
    moving: str | None = Field(
        default=None,
        description="the other category of a move that is under way: a row there is surplus",
    )


class TryState(StrEnum):
    """State of a part's latest try. A part without a row has not been tried."""

    STORED = "stored"
    FAILED = "failed"


class Candidate(BaseModel):
    """The latest try for a part."""

    part: str = Field(description="a locale, or `facts`")
    state: TryState
    outcome: Outcome
    reason: str = ""
    attempts: int = Field(description="tries in a row that failed on the same facts, this one included")
    request_locales: int = Field(default=1, description="locales that shared the request")
    had_higher_cap: bool = Field(default=False, description="whether the request had the higher output cap")
    batch_id: str
    content_hash: str
    prompt_version: str
    updated_at: datetime
    score: int | None = Field(default=None, description="0 to 100, of a text that was rejected")
    findings: list[Finding] = Field(default_factory=list, description="why it was rejected")
    content: LocaleContent | None = Field(default=None, description="the text that was rejected")


class PastTry(BaseModel):
    """One try of a part, kept when others have followed."""

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
        """What is kept of a latest try: all but its text."""
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


class Generated(BaseModel):
    """How something that is served was made. Tokens are those of its request, which parts may share."""

    content_hash: str = Field(description="of the catalogue facts that it was written from")
    batch_id: str
    model: str
    prompt_version: str
    prompt_tokens: int
    completion_tokens: int
    request_parts: int = Field(description="parts that shared the request and its tokens")
    cost: float = Field(description="its share of the request, in USD at the prices of then")
    generated_at: datetime


class Published(Generated):
    """The content that is served for a locale."""

    locale: str
    content: LocaleContent
    score: int
    findings: list[Finding] = Field(default_factory=list, description="what costs it score")


class PublishedFacts(Generated):
    """The facts that are served for a product, in every locale."""

    facts: ProductFacts


@dataclass(frozen=True)
class Served:
    """What is served for a product: its locales in key order, and its facts."""

    published: tuple[Published, ...] = ()
    facts: PublishedFacts | None = None

    def only(self, locales: Container[str]) -> "Served":
        """The same with some of the locales."""
        return Served(tuple(item for item in self.published if item.locale in locales), self.facts)

    @property
    def cost(self) -> float:
        """USD, of everything that is served."""
        return sum(part.cost for part in (*self.published, *filter(None, [self.facts])))
