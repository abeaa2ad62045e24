"""Products and their content."""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, Field

from shared.content.content_records import PastTry, TryState
from shared.content.quality import Finding
from shared.domain.outcome import Outcome
from shared.domain.states import ProductStatus
from shared.persistence.pages import Unreadable
from triggers.schemas.common_schemas import UNREADABLE_ROWS, Answer, Body, Locales, Parameters, page_limit

UNREADABLE_PARTS = "stored parts that are left out, since this version of the app cannot read them"


class TryOfPart(Answer):
    state: TryState
    outcome: Outcome
    reason: str
    attempts: int
    batch_id: str
    content_hash: str
    prompt_version: str
    score: int | None = Field(description="of a text that was rejected")
    updated_at: datetime


class ProductInShort(Answer):
    product_id: str
    name: str
    brand: str
    category: str
    openai_product_id: str | None
    openai_processing_status: ProductStatus
    openai_batch_id: str | None
    openai_processed_at: datetime | None
    openai_error_message: str | None
    due_at: datetime | None = Field(description="when it may be selected; null unless it waits")
    discontinued_at: datetime | None


class ProductQuery(Parameters):
    locale: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
        description="serve one locale: this one, else another of its language, else the first there is. "
        "Without it the Accept-Language header chooses; without both all locales are served",
    )
    region: str | None = Field(
        default=None, pattern=r"^[A-Z]{2}$", description="country (ISO 3166) that store links must deliver to"
    )
    placement: str | None = Field(
        default=None, max_length=100, description="where the links will stand, for the stores' own reports"
    )


class StoreLinkAnswer(Answer):
    store: str
    url: str
    is_affiliate: bool = Field(description="credited to the shop: disclose it, and mark it rel=sponsored")


class ProductAnswer(ProductInShort):
    locale: str | None = Field(description="the one locale that is served; null when all are")
    tries: dict[str, TryOfPart] = Field(description="the latest try of each locale, and of the `facts`")
    prompt_tokens: int = Field(description="that the served texts took, as Azure reported them")
    completion_tokens: int
    cost: float = Field(description="of the served texts, in USD at the prices of when they were made")
    links: list[StoreLinkAnswer] = Field(description="store links as a shopper gets them")
    content: dict[str, Any] = Field(description="the content document")
    unreadable: list[str] = Field(description=UNREADABLE_PARTS)


class TextQuality(Answer):
    """A text with its score and what was found in it; offsets are characters of the field's text."""

    score: int
    findings: list[Finding]
    prompt_version: str
    batch_id: str
    at: datetime
    content: dict[str, Any]


class LocaleQuality(Answer):
    published: TextQuality | None = Field(description="what is served")
    rejected: TextQuality | None = Field(description="the latest try, where it was not good enough")


class QualityAnswer(Answer):
    product_id: str
    minimum_score: int = Field(description="below it, and with any error, a text is rejected")
    locales: dict[str, LocaleQuality]
    unreadable: list[str] = Field(description=UNREADABLE_PARTS)


class TriesAnswer(Answer):
    product_id: str
    tries: list[PastTry] = Field(description="the latest first")


class ProductListQuery(Parameters):
    category: str = Field(min_length=1, description="name or slug")
    status: ProductStatus | None = None
    updated_since: AwareDatetime | None = Field(
        default=None, description="only products whose facts or texts were written since"
    )
    content: bool = Field(default=False, description="with their content documents; at most 100 on a page")
    limit: int = page_limit(50, 500)
    after: str | None = Field(default=None, description="`next_after` of the page before")


class ListedProduct(ProductInShort):
    content: dict[str, Any] | None = Field(description="null unless it was asked for")
    unreadable: list[str] = Field(description=UNREADABLE_PARTS)


class ProductPage(Answer):
    products: list[ListedProduct]
    next_after: str | None = Field(description="null on the last page")
    unreadable: list[Unreadable] = Field(description=UNREADABLE_ROWS)


class PreviewBody(Body):
    locales: Locales = Field(default=(), max_length=7, description="none = the first configured locale")


class LocalePreview(Answer):
    outcome: Outcome
    reason: str
    score: int | None = Field(description="null without a valid text")
    findings: list[Finding]
    content: dict[str, Any] | None
    prompt_tokens: int
    completion_tokens: int


class PreviewAnswer(Answer):
    product_id: str
    model: str
    facts: dict[str, Any] | None
    locales: dict[str, LocalePreview]
    cost: float = Field(description="USD at the configured batch prices; online calls cost about twice that")
