"""Having products written anew."""

from typing import Self

from pydantic import Field, model_validator

from shared.domain.outcome import Outcome
from shared.domain.task import Requeueing
from triggers.schemas.common_schemas import Answer, Body, Locales


class RegenerateBody(Body):
    """Everything that is set must fit. At least one of them must be set."""

    product_ids: tuple[str, ...] = Field(default=(), max_length=1000)
    categories: tuple[str, ...] = Field(default=(), max_length=1000, description="names or slugs")
    brand: str | None = Field(default=None, min_length=1)
    locales: Locales = ()
    prompt_version: str | None = Field(default=None, min_length=1)
    model: str | None = Field(default=None, min_length=1)
    outcome: Outcome | None = Field(default=None, description="only what failed for this reason")
    failed: bool = Field(default=False, description="only what failed, for any reason or that of `outcome`")

    @model_validator(mode="after")
    def _chooses(self) -> Self:
        if not any(self.model_dump().values()):
            raise ValueError("say what to regenerate: at least one field must be set")
        return self


class RegenerateAccepted(Answer):
    requeueing: Requeueing
    location: str = Field(description="where it can be watched")


class RequeueingAnswer(Answer):
    requeueing: Requeueing
