"""The base of all content models: immutable objects of plain text, without links and control characters."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from shared.content.control_characters import CONTROL_CHARACTER

_LINK = re.compile(r"https?://|www\.|[\w.+-]@[\w-]{1,63}\.\w", re.IGNORECASE)


class Section(BaseModel):
    """An object of texts. What is not one of its fields is ignored: stored rows may be of another version."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)

    # A validator on the fields, because one in their types would remove the bounds from pydantic's schema.
    @field_validator("*")
    @classmethod
    def _require_plain_text(cls, value: Any) -> Any:
        for text in _texts_in(value):
            # An answer has about a hundred texts, so cheap tests come before the regular expressions.
            if not text.isprintable() and CONTROL_CHARACTER.search(text):
                raise ValueError("holds control characters")
            if _may_link(text) and _LINK.search(text):
                raise ValueError("holds a link or an e-mail address; links come from the catalogue only")
        return value


def _texts_in(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return ()
    return [text for text in value if isinstance(text, str)]


def _may_link(text: str) -> bool:
    return "@" in text or "//" in text or "www." in text.lower()
