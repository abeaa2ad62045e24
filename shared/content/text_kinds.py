"""The kinds of text that the model writes, and how their lengths are stated once for model and validation.

Azure's strict mode knows no bounds, so each field says its words in its description; the characters that
validation allows follow from them, and with them the most tokens that an answer can take.
"""

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from shared.content.control_characters import CONTROL

_LINK = re.compile(r"https?://|www\.|\b[\w.+-]+@[\w-]+\.\w", re.IGNORECASE)

# Characters a word may take, space included: German and Italian texts need 7 on average.
_CHARACTERS_A_WORD = 9


# A single text is bounded by its field; the items of a list by their type.
Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, min_length=20)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=50)]


class Section(BaseModel):
    """A part of the answer: closed, and unchanged once it is validated."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # On the field and not in its type, where pydantic would hide the bounds that follow from the schema.
    @field_validator("*")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        for text in value if isinstance(value, list) else [value]:
            if not isinstance(text, str):
                continue
            # Most texts are told by looks that cost nothing; a model's answer has a hundred of them.
            if not text.isprintable() and CONTROL.search(text):
                raise ValueError("holds control characters")
            if _may_link(text) and _LINK.search(text):
                raise ValueError("holds a link or an e-mail address; links come from the catalogue only")
        return value


def _may_link(text: str) -> bool:
    return "@" in text or "//" in text or "www." in text.lower()


def words(low: int, high: int, about: str = "") -> Any:
    """The field of one text of `low` to `high` words."""
    return Field(
        max_length=high * _CHARACTERS_A_WORD, description=_described(about, f"{low} to {high} words")
    )


def characters(limit: int, hard_limit: int, about: str) -> Any:
    """The field of a text that is best within `limit` characters and refused above `hard_limit`."""
    return Field(max_length=hard_limit, description=_described(about, f"at most {limit} characters"))


def phrases(items: tuple[int, int], low: int, high: int, about: str = "") -> Any:
    """The field of a list of phrases, each of `low` to `high` words."""
    length = f"{items[0]} to {items[1]} items of {low} to {high} words"
    return Field(min_length=items[0], max_length=items[1], description=_described(about, length))


def parts(items: tuple[int, int]) -> Any:
    """The field of a list of objects."""
    count = f"{items[0]} to {items[1]}" if items[0] != items[1] else str(items[0])
    return Field(min_length=items[0], max_length=items[1], description=f"{count} items")


def _described(about: str, length: str) -> str:
    return f"{about}, {length}" if about else length
