"""The types of the texts that the model writes, and fields that state their length once for all uses.

Azure's strict mode supports no bounds, so each field states its number of words in its description. The
characters that validation allows are computed from the words, and the longest possible answer from these.
"""

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from shared.content.control_characters import CONTROL_CHARACTER

_LINK = re.compile(r"https?://|www\.|[\w.+-]@[\w-]{1,63}\.\w", re.IGNORECASE)

# The most characters per word, space included. German and Italian texts have 7 on average.
_CHARACTERS_PER_WORD = 9


# The field limits the length of a single text, the type limits the length of a list's items.
Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, min_length=20)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=50)]


class Section(BaseModel):
    """An object of the answer: it allows no other fields, and is immutable after validation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # A validator on the fields, because one in their types would remove the bounds from pydantic's schema.
    @field_validator("*")
    @classmethod
    def _require_plain_text(cls, value: Any) -> Any:
        for text in value if isinstance(value, list) else [value]:
            if not isinstance(text, str):
                continue
            # An answer has about a hundred texts, so cheap tests come before the regular expressions.
            if not text.isprintable() and CONTROL_CHARACTER.search(text):
                raise ValueError("holds control characters")
            if _may_link(text) and _LINK.search(text):
                raise ValueError("holds a link or an e-mail address; links come from the catalogue only")
        return value


def _may_link(text: str) -> bool:
    return "@" in text or "//" in text or "www." in text.lower()


def words_field(low: int, high: int, about: str = "") -> Any:
    """The field of one text with `low` to `high` words."""
    return Field(
        max_length=high * _CHARACTERS_PER_WORD, description=_description(about, f"{low} to {high} words")
    )


def characters_field(limit: int, hard_limit: int, about: str) -> Any:
    """The field of a text that should have at most `limit` characters, and is invalid above `hard_limit`."""
    return Field(max_length=hard_limit, description=_description(about, f"at most {limit} characters"))


def phrases_field(items: tuple[int, int], low: int, high: int, about: str = "") -> Any:
    """The field of a list of phrases, each with `low` to `high` words. `items`: fewest and most phrases."""
    length = f"{items[0]} to {items[1]} items of {low} to {high} words"
    return Field(min_length=items[0], max_length=items[1], description=_description(about, length))


def objects_field(items: tuple[int, int]) -> Any:
    """The field of a list of objects. `items`: fewest and most objects."""
    count = f"{items[0]} to {items[1]}" if items[0] != items[1] else str(items[0])
    return Field(min_length=items[0], max_length=items[1], description=f"{count} items")


def _description(about: str, length: str) -> str:
    return f"{about}, {length}" if about else length
