"""Models and types that several resources share."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from shared.content.locales import LOCALES

# Header that makes a start safe to repeat: the same key never starts a second run.
IDEMPOTENCY_KEY = "Idempotency-Key"

MAX_NAME = 150
MAX_CATEGORIES = 1000
_MOST_NAMED = 10
_FIRST_YEAR, _LAST_YEAR = 1970, 9998


def known_locales(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return `value`.

    Raises:
        ValueError: naming the locales that are not supported.
    """
    unknown = [locale[:20] for locale in value if locale not in LOCALES]
    if unknown:
        raise ValueError(f"{', '.join(unknown[:_MOST_NAMED])}: not one of {', '.join(LOCALES)}")
    return value


def _whole_number(value: Any) -> Any:
    """Refuse true and false, which count as 1 and 0 in Python: as a limit, 0 may mean all.

    Raises:
        ValueError: for true and false.
    """
    if isinstance(value, bool):
        raise ValueError("must be a whole number")
    return value


def _moment(value: datetime) -> datetime:
    """Return a time in UTC.

    Raises:
        ValueError: when it is too near to the ends of the calendar to be compared or stored.
    """
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise ValueError(f"must be in the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return value.astimezone(UTC)


Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
Names = Annotated[tuple[Name, ...], Field(min_length=1)]
# Each text is a name or a slug, or several with commas between (`triggers/choosing.py`).
Categories = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=8_000)], ...],
    Field(min_length=1, max_length=MAX_CATEGORIES),
]
Locales = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(known_locales)]
Count = Annotated[int, BeforeValidator(_whole_number)]
Moment = Annotated[AwareDatetime, AfterValidator(_moment)]

# The id of the last entry of a page.
After = Annotated[str, Field(max_length=200, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class Parameters(BaseModel):
    """Query parameters. Unknown ones are refused: a mistyped limit must not count as "no limit"."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Arguments(BaseModel):
    """Arguments of a call that starts work: in the query, in a JSON body, or some in each.

    Unknown ones are refused, and so is one that is in both, or that is given and empty: an empty filter must
    not count as "all".
    """

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
    `read` and `operate`: an API key of that scope. `work`: an operating key, or a reading key where the
    setting `READ_KEYS_MAY_EXPORT` allows it; for work that costs no money.
    """

    OPEN = "open"
    SIGNED = "signed"
    READ = "read"
    WORK = "work"
    OPERATE = "operate"


# The scopes that need no API key.
KEYLESS = (Scope.OPEN, Scope.SIGNED)
