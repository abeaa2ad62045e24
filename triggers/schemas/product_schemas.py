"""Requests and responses about products and their content."""

from datetime import datetime
from typing import Any

from pydantic import Field

from shared.content.content_records import PastTry, TryState
from shared.content.quality import Finding
from shared.domain.outcome import Outcome
from shared.domain.states import ProductStatus
from shared.persistence.pages import Unreadable
from triggers.schemas.common_schemas import (
    UNREADABLE_ROWS,
    After,
    Arguments,
    Locales,
    Moment,
    Name,
    Parameters,
    ResponseModel,
    page_limit,
)

UNREADABLE_PARTS = "stored parts that are left out because this version of the app cannot read them"


class TryOfPart(ResponseModel):
    state: TryState
    outcome: Outcome
    reason: str
    attempts: int
    batch_id: str
    content_hash: str
    prompt_version: str
    score: int | None = Field(description="the score of a rejected text")
    updated_at: datetime


class ProductSummary(ResponseModel):
    product_id: str
    name: str
    brand: str
    category: str
    openai_product_id: str | None
    openai_processing_status: ProductStatus
    openai_batch_id: str | None
    openai_processed_at: datetime | None
    openai_error_message: str | None
    due_at: datetime | None = Field(description="when a run may take it; null unless it is pending")
    discontinued_at: datetime | None


class ProductQuery(Parameters):
    locale: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
        description="return one locale: this one, else one of the same language, else the first available. "
        "Without it the Accept-Language header decides; without both, all locales are returned",
    )
    region: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{2}$",
        description="only links to stores that deliver to this country (ISO 3166 code)",
    )
    placement: str | None = Field(
        default=None,
        max_length=100,
        description="where the links will be shown; passed to the stores for their reports",
    )


class JsonLdQuery(Parameters):
    locale: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
        description="this locale, else one of the same language, else the first available. Without it the "
        "Accept-Language header decides",
    )


class StoreLinkResponse(ResponseModel):
    store: str
    url: str
    is_affiliate: bool = Field(
        description="an affiliate link of the shop: disclose it, and mark it rel=sponsored"
    )


class ProductResponse(ProductSummary):
    locale: str | None = Field(description="the locale that is returned; null when all are")
    tries: dict[str, TryOfPart] = Field(description="the latest try of each locale and of the `facts`")
    prompt_tokens: int = Field(description="used for the published texts, as Azure reported")
    completion_tokens: int
    cost: float = Field(description="of the published texts, in USD, at the prices when they were generated")
    links: list[StoreLinkResponse] = Field(description="store links for a shopper of `region`")
    content: dict[str, Any] = Field(description="the content document")
    unreadable: list[str] = Field(description=UNREADABLE_PARTS)


class TextQuality(ResponseModel):
    """A text, its score and its findings. Offsets of findings count characters of the field's text."""

    score: int
    findings: list[Finding]
    prompt_version: str
    batch_id: str
    at: datetime
    content: dict[str, Any]


class LocaleQuality(ResponseModel):
    published: TextQuality | None = Field(description="the text that is served")
    rejected: TextQuality | None = Field(description="the latest try, when the checks rejected it")


class QualityResponse(ResponseModel):
    product_id: str
    minimum_score: int = Field(description="a text with a lower score, or with an error, is rejected")
    locales: dict[str, LocaleQuality]
    unreadable: list[str] = Field(description=UNREADABLE_PARTS)


class TriesResponse(ResponseModel):
    product_id: str
    tries: list[PastTry] = Field(description="newest first")


class ProductListQuery(Parameters):
    category: Name = Field(description="name or slug")
    status: ProductStatus | None = None
    updated_since: Moment | None = Field(
        default=None, description="only products whose facts or texts changed since then"
    )
    content: bool = Field(
        default=False, description="include the content documents; then at most 100 products per page"
    )
    limit: int = page_limit(50, 500)
    after: After | None = Field(default=None, description="`next_after` of the previous page")


class ListedProduct(ProductSummary):
    content: dict[str, Any] | None = Field(description="null unless it was requested")
    unreadable: list[str] = Field(description=UNREADABLE_PARTS)


class ProductPage(ResponseModel):
    products: list[ListedProduct]
    next_after: str | None = Field(description="null on the last page")
    unreadable: list[Unreadable] = Field(description=UNREADABLE_ROWS)


class PreviewArguments(Arguments):
    locales: Locales = Field(default=(), max_length=7, description="left out = the first configured locale")


class LocalePreview(ResponseModel):
    outcome: Outcome
    reason: str
    score: int | None = Field(description="null when there is no valid text")
    findings: list[Finding]
    content: dict[str, Any] | None
    prompt_tokens: int
    completion_tokens: int


class PreviewAnswer(ResponseModel):
    product_id: str
    model: str
    facts: dict[str, Any] | None
    locales: dict[str, LocalePreview]
    cost: float = Field(description="USD at the prices of online calls")
