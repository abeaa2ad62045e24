"""How long a text or list should be: from a schema's description, otherwise from the field's name.

Strict mode allows no bounds in the schema itself, so descriptions state them in words.
"""

import re
from dataclasses import dataclass

_WORDS = re.compile(r"(\d+)\s*(?:to|-|\u2013)\s*(\d+)\s+words?\b|\b(\d+)\s+words?\b", re.IGNORECASE)
_ITEMS = re.compile(
    r"(\d+)\s*(?:to|-|\u2013)\s*(\d+)\s+(?!words|characters)\w+|\b(\d+)\s+items?\b", re.IGNORECASE
)
_CHARACTERS = re.compile(r"(?:at most|up to|max\.?|maximum)\s+(\d+)\s+characters", re.IGNORECASE)
_LONG_NAMES = ("description", "overview", "text", "answer", "summary", "content", "instructions", "position")


@dataclass(frozen=True)
class Length:
    """A range of words or items, both ends included."""

    low: int
    high: int


def words_in(description: str) -> Length | None:
    """The number of words that a description asks for, or None."""
    length = _range(_WORDS, description)
    limit = characters_in(description)
    if length is None and limit is not None:
        # In all seven locales the average word is shorter than ten characters.
        return Length(1, max(limit // 10, 1))
    return length


def items_in(description: str) -> Length | None:
    """The number of items that a description asks for, or None."""
    return _range(_ITEMS, description)


def characters_in(description: str) -> int | None:
    """The most characters that a description allows, or None."""
    found = _CHARACTERS.search(description)
    return int(found[1]) if found else None


def usual_words(name: str) -> Length:
    """The usual number of words in a field of this name. `name[]` is an item of a list."""
    if name.endswith("[]"):
        return Length(3, 8)
    return Length(18, 60) if any(part in name for part in _LONG_NAMES) or not name else Length(10, 40)


def shortened(text: str, characters: int) -> str:
    """`text` with at most `characters` characters, cut between words."""
    if len(text) <= characters:
        return text
    words = text[: characters + 1].rsplit(" ", 1)[0]
    return words[:characters]


def _range(pattern: re.Pattern[str], description: str) -> Length | None:
    found = pattern.search(description)
    if not found:
        return None
    low, high = int(found[1] or found[3]), int(found[2] or found[3])
    return Length(min(low, high), max(low, high))
