"""Requests and responses about regenerating products."""

from typing import Self

from pydantic import Field, model_validator

from shared.domain.outcome import Outcome
from shared.domain.task import Requeueing
from triggers.schemas.common_schemas import Body, Locales, ResponseModel


class RegenerateBody(Body):
    """Which products to regenerate: those that match every field that is set. Set at least one field."""

    product_ids: tuple[str, ...] = Field(default=(), max_length=1000)
    categories: tuple[str, ...] = Field(default=(), max_length=1000, description="names or slugs")
    brand: str | None = Field(default=None, min_length=1)
    locales: Locales = ()
    prompt_version: str | None = Field(default=None, min_length=1)
    model: str | None = Field(default=None, min_length=1)
    outcome: Outcome | None = Field(default=None, description="only texts that failed with this outcome")
    failed: bool = Field(
        default=False, description="only texts that failed, with any outcome or with `outcome`"
    )

    @model_validator(mode="after")
    def _chooses(self) -> Self:
        if not any(self.model_dump().values()):
            raise ValueError("choose what to regenerate: set at least one field")
        return self


class RegenerateAccepted(ResponseModel):
    requeueing: Requeueing
    location: str = Field(description="where to follow it")


class RequeueingResponse(ResponseModel):
    requeueing: Requeueing
