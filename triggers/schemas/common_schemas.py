"""Models and types that several resources share."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from shared.content.locales import LOCALES


def _split(value: Any) -> Any:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


# Header that makes a start safe to repeat: the same key never starts a second run.
IDEMPOTENCY_KEY = "Idempotency-Key"

# A list in a query is one parameter with commas (OpenAPI: style form, explode false).
CommaList = Annotated[tuple[str, ...], BeforeValidator(_split)]


def known_locales(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return `value`.

    Raises:
        ValueError: naming the locales that are not supported.
    """
    unknown = [locale for locale in value if locale not in LOCALES]
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: not one of {', '.join(LOCALES)}")
    return value


Locales = Annotated[tuple[str, ...], AfterValidator(known_locales)]


class Parameters(BaseModel):
    """Query parameters. Unknown ones are refused: a mistyped limit must not count as "no limit"."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(BaseModel):
    """A JSON request body. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ResponseModel(BaseModel):
    """A JSON response body."""

    model_config = ConfigDict(frozen=True)


class ErrorBody(ResponseModel):
    code: str = Field(description="the kind of error, for programs")
    message: str = Field(description="what is wrong and what to do, for people")
    details: dict[str, Any]


class ErrorResponse(ResponseModel):
    error: ErrorBody


def page_limit(default: int, highest: int) -> Any:
    """Return the field for the size of a page."""
    return Field(default=default, ge=1, le=highest, description="entries on a page")


UNREADABLE_ROWS = "rows of this page that are left out, since this version of the app cannot read them"


class Scope(StrEnum):
    """What a call needs.

    `open`: nothing, because the response contains no data of the shop. `signed`: a valid signature.
    `read` and `operate`: an API key of that scope.
    """

    OPEN = "open"
    SIGNED = "signed"
    READ = "read"
    OPERATE = "operate"


# The scopes that need no API key.
KEYLESS = (Scope.OPEN, Scope.SIGNED)
