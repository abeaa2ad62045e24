"""Requests and responses about regenerating products."""

from typing import Self

from pydantic import Field, model_validator

from shared.domain.outcome import Outcome
from shared.domain.task import Requeueing
from triggers.schemas.common_schemas import Arguments, Categories, Locales, Name, Names, ResponseModel


class RegenerateArguments(Arguments):
    """Which products to regenerate: those that match every field that is set. Set at least one field."""

    product_ids: Names = Field(default=(), max_length=1000)
    categories: Categories = Field(default=(), description="names or slugs")
    brand: Name | None = None
    locales: Locales = ()
    prompt_version: Name | None = None
    model: Name | None = None
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
