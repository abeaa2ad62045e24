"""Pieces that several resources share."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from shared.content.locales import LOCALES


def _split(value: Any) -> Any:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


# Header of a start that may be sent again: the same key starts no second run.
IDEMPOTENCY_KEY = "Idempotency-Key"

# In a query, a list is one parameter with commas (OpenAPI: style form, explode false).
CommaList = Annotated[tuple[str, ...], BeforeValidator(_split)]


def known_locales(value: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [locale for locale in value if locale not in LOCALES]
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: not one of {', '.join(LOCALES)}")
    return value


Locales = Annotated[tuple[str, ...], AfterValidator(known_locales)]


class Parameters(BaseModel):
    """Query parameters. An unknown one is refused: a mistyped limit must not mean "all"."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(BaseModel):
    """A JSON body. An unknown field is refused, as an unknown parameter is."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """A JSON answer."""

    model_config = ConfigDict(frozen=True)


class ErrorBody(Answer):
    code: str = Field(description="what went wrong, for programs")
    message: str = Field(description="what went wrong and what to do, for people")
    details: dict[str, Any]


class ErrorAnswer(Answer):
    error: ErrorBody


def page_limit(default: int, highest: int) -> Any:
    """The field of a page's size."""
    return Field(default=default, ge=1, le=highest, description="entries on a page")


UNREADABLE_ROWS = "rows of this page that are left out, since this version of the app cannot read them"


class Scope(StrEnum):
    """What a call needs: `open` holds nothing of the shop's, `signed` proves itself by its signature."""

    OPEN = "open"
    SIGNED = "signed"
    READ = "read"
    OPERATE = "operate"


# The scopes that take no key.
KEYLESS = (Scope.OPEN, Scope.SIGNED)
