"""The rows of a product's content partition: claim, and per locale what is published and the latest try."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from shared.content.sections import LocaleContent
from shared.models.outcome import Outcome


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


class LocaleState(StrEnum):
    """State of a locale's latest try. A locale without a row has not been tried."""

    STORED = "stored"
    FAILED = "failed"


class Candidate(BaseModel):
    """The latest try for a locale."""

    locale: str
    state: LocaleState
    outcome: Outcome
    reason: str = ""
    attempts: int = Field(description="tries in a row that failed on the same facts, this one included")
    request_locales: int = Field(default=1, description="locales that shared the request")
    had_higher_cap: bool = Field(default=False, description="whether the request had the higher output cap")
    batch_id: str
    content_hash: str
    prompt_version: str
    updated_at: datetime


class Published(BaseModel):
    """The content that is served for a locale, with how it was made."""

    locale: str
    content: LocaleContent
    content_hash: str
    batch_id: str
    model: str
    prompt_version: str
    prompt_tokens: int
    completion_tokens: int
    request_locales: int = Field(description="locales that shared the request and its tokens")
    generated_at: datetime
