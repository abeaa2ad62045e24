"""`Product`: one row of the catalogue, with the state of its content."""

import hashlib
from datetime import datetime
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from shared.domain.ids import brand_slug
from shared.domain.states import ProductStatus
from shared.domain.stored import Stored


class ProductImage(BaseModel):
    """An image that the catalogue names. The model never writes one."""

    model_config = ConfigDict(extra="forbid")

    source: str | None = None
    page_url: str | None = None
    image_url: str | None = None


class ProductRecord(Stored):
    """The facts that a product's texts are written from, and are checked against.

    `msrp_price` None means unknown (feeds write 0 for it). `category` is the category's slug, the table's
    partition key; `category_name` is its name in the catalogue.
    """

    product_id: str
    sku: str
    name: str
    brand: str = ""
    category: str
    category_name: str = ""
    description: str = ""
    msrp_price: float | None = None
    currency: str | None = None
    specs: dict[str, str] = Field(default_factory=dict)

    def prompt_record(self) -> dict[str, Any]:
        """The facts that the model is shown: those a text may use, so no price, links, images or ids."""
        record: dict[str, Any] = {"name": self.name, "brand": self.brand, "category": self.category_name}
        record["description"] = self.description
        record["specs"] = self.specs
        return {key: value for key, value in record.items() if value}

    def record(self) -> "ProductRecord":
        """Only the fields of `ProductRecord`."""
        return ProductRecord(**{name: getattr(self, name) for name in ProductRecord.model_fields})


class Product(ProductRecord):
    """One row of the catalogue, with the state of its content."""

    slug: str
    url_source: str | None = None
    image_uri: str | None = None
    images: dict[str, ProductImage] = Field(default_factory=dict)
    store_links: dict[str, str] = Field(default_factory=dict, description="store key → clean product URL")
    customer_reviews: str | None = None
    catalogue_hash: str = ""
    content_hash: str = ""
    imported_at: datetime | None = None
    discontinued_at: datetime | None = Field(
        default=None,
        description="when a full feed left it out; its texts are not generated or served any more",
    )

    openai_product_id: str | None = Field(
        default=None, description="the product's line in the manifest of its latest batch"
    )
    openai_processing_status: ProductStatus = ProductStatus.PENDING
    openai_batch_id: str | None = None
    openai_processed_at: datetime | None = None
    openai_error_message: str | None = None
    attempts: int = Field(default=0, description="failed attempts in a row: the most that a missing part has")
    due_at: datetime | None = Field(
        default=None, description="when it may be selected; set while it is pending"
    )
    standing: dict[str, str] = Field(
        default_factory=dict,
        description="by part, as of the latest settling: `stored`, or the outcome of the failed attempt",
    )
    scores: dict[str, int] = Field(default_factory=dict, description="scores of the served texts, by locale")

    @property
    def brand_slug(self) -> str:
        """The brand as API callers and runs name it."""
        return brand_slug(self.brand)

    @property
    def is_waiting(self) -> bool:
        """Whether a batch may claim it, now or once it is due."""
        return self.openai_processing_status == ProductStatus.PENDING and self.discontinued_at is None

    def is_held_by(self, batch_id: str) -> bool:
        """Whether the product is in this batch, which has not settled it yet."""
        return self.openai_batch_id == batch_id and self.openai_processing_status == ProductStatus.PROCESSING

    def with_hashes(self) -> "Product":
        """A copy with `content_hash` (of what texts depend on) and `catalogue_hash` (of catalogue fields)."""
        return self.model_copy(
            update={
                "content_hash": _digest(self.prompt_record()),
                "catalogue_hash": _digest(self.catalogue_fields()),
            }
        )

    def catalogue_fields(self) -> dict[str, Any]:
        """The fields that an import writes."""
        return self.model_dump(mode="json", include=set(CATALOGUE_FIELDS))


CATALOGUE_FIELDS = (
    "product_id", "sku", "name", "slug", "brand", "category", "category_name", "description", "msrp_price",
    "currency", "url_source", "image_uri", "images", "specs", "store_links", "customer_reviews",
)  # fmt: skip


def _digest(value: object) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
