"""Looking for what is hardly ever there: a fast look over a whole locale, then a close one where it may be.

A rule's pattern is Python's, with lookarounds and Unicode classes. From it a wider one is made for RE2, which
reads a text once whatever the alternatives; where that finds nothing, Python's would not either.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

import re2

from shared.content.fields import TextField

# A lookaround: brackets and groups inside are stepped over.
_CLASS = r"\[(?:[^\]\\]|\\.)*\]"
_PLAIN = rf"(?:[^()\[\\]|\\.|{_CLASS})"
_LOOKAROUND = re.compile(rf"\(\?<?[=!](?:{_PLAIN}|\((?:{_PLAIN})*\))*\)", re.DOTALL)
_CODE_POINT = re.compile(r"\\[uU]([0-9a-fA-F]{8}|[0-9a-fA-F]{4})")
# Boundaries go; classes get what Python's have and RE2's have not.
_OUTSIDE = {r"\b": "", r"\B": "", r"\w": r"[\pL\pN_]", r"\s": r"[\s\pZ]", r"\d": r"\pN"}
_INSIDE = {r"\w": r"\pL\pN_", r"\s": r"\s\pZ", r"\d": r"\pN"}
_PIECE = re.compile(r"\\.|[\[\]]|[^\\\[\]]+", re.DOTALL)


def whole_text(fields: Sequence[TextField]) -> str:
    """All fields of a locale, one a line."""
    return "\n".join(field.text for field in fields)


class Spotter:
    """A pattern that is looked for in the fields of a locale."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern

    @cached_property
    def wide(self) -> "re2._Regexp":
        """RE2's pattern: it matches wherever `pattern` does, and in other places."""
        ignore_case = "i" if self.pattern.flags & re.IGNORECASE else ""
        return re2.compile(f"(?m{ignore_case}){widened(self.pattern.pattern)}")

    def find(self, fields: Sequence[TextField], text: str) -> Iterator[tuple[TextField, re.Match[str]]]:
        """Each match with its field; `text` is the `whole_text` of the fields."""
        if self.wide.search(text) is None:
            return
        for field in fields:
            for match in self.pattern.finditer(field.text):
                yield field, match


def widened(pattern: str) -> str:
    """A pattern for RE2 that matches at least where Python's `pattern` does."""
    pattern = _LOOKAROUND.sub("", pattern)
    pattern = _CODE_POINT.sub(lambda match: rf"\x{{{match[1]}}}", pattern)
    made, inside = [], False
    for piece in _PIECE.findall(pattern):
        if piece == "[" and not inside:
            inside = True
        elif piece == "]" and inside:
            inside = False
        made.append((_INSIDE if inside else _OUTSIDE).get(piece, piece))
    return "".join(made)
