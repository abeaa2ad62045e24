"""Looking for what is hardly ever there: a fast look over a whole locale, then a close one where it may be.

A rule's pattern is Python's, with lookarounds and Unicode classes. From it a wider one is made for RE2; where
that finds nothing, Python's would not either. RE2 looks for all of them together, in one reading of a text.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

import re2

# A lookaround: brackets and groups inside are stepped over.
_CLASS = r"\[(?:[^\]\\]|\\.)*\]"
_PLAIN = rf"(?:[^()\[\\]|\\.|{_CLASS})"
_LOOKAROUND = re.compile(rf"\(\?<?[=!](?:{_PLAIN}|\((?:{_PLAIN})*\))*\)", re.DOTALL)
# Whole words are told from parts of words by the sign before and after, where Python looks around.
_NO_WORD_BEFORE, _NO_WORD_AFTER = r"(?<!\w)", r"(?!\w)"
_EDGE = r"(?:^|$|[^\pL\pN_])"
_CODE_POINT = re.compile(r"\\[uU]([0-9a-fA-F]{8}|[0-9a-fA-F]{4})")
# Boundaries go; classes get what Python's have and RE2's have not.
_OUTSIDE = {r"\b": "", r"\B": "", r"\w": r"[\pL\pN_]", r"\s": r"[\s\pZ]", r"\d": r"\pN"}
_INSIDE = {r"\w": r"\pL\pN_", r"\s": r"\s\pZ", r"\d": r"\pN"}
# Bytes that the patterns of a locale and their automaton may take. They need 8 MB, real texts hardly more.
_MOST_MEMORY = 16 << 20
_PIECE = re.compile(r"\\.|[\[\]]|[^\\\[\]]+", re.DOTALL)


class Spotter:
    """A pattern that is looked for in the fields of a locale."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern

    @cached_property
    def wide(self) -> str:
        """RE2's pattern: it matches wherever `pattern` does, and in other places."""
        ignore_case = "i" if self.pattern.flags & re.IGNORECASE else ""
        return f"(?m{ignore_case}){widened(self.pattern.pattern)}"

    def may_match(self, text: str) -> bool:
        """Whether the pattern may match in a text; `Screen` asks for many at once."""
        return bool(self._alone.suspects(text))

    @cached_property
    def _alone(self) -> "Screen":
        return Screen([self])


def whole_words(words: str, *, any_case: bool = True) -> Spotter:
    """The pattern of words, which may be patterns themselves and are separated by `|`."""
    return Spotter(re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE if any_case else 0))


class Screen:
    """Many spotters that are looked for together: the time does not grow with their number."""

    def __init__(self, spotters: Iterable[Spotter]) -> None:
        self.spotters = tuple(dict.fromkeys(spotters))
        options = re2.Options()
        options.max_mem = _MOST_MEMORY
        # A set says "no match" also when its memory is used up, so it holds a pattern that always matches.
        self._set = re2.Set.SearchSet(options)
        self._set.Add("")
        for spotter in self.spotters:
            self._set.Add(spotter.wide)
        self._set.Compile()

    def suspects(self, text: str) -> Sequence[Spotter]:
        """Those whose patterns may match in a text; all of them where it cannot be told."""
        found = self._set.Match(text)
        if not found:
            return self.spotters
        return [self.spotters[place - 1] for place in found if place]


def widened(pattern: str) -> str:
    """A pattern for RE2 that matches at least where Python's `pattern` does."""
    begins, ends = pattern.startswith(_NO_WORD_BEFORE), pattern.endswith(_NO_WORD_AFTER)
    pattern = _LOOKAROUND.sub("", pattern)
    pattern = _CODE_POINT.sub(lambda match: rf"\x{{{match[1]}}}", pattern)
    made, inside = [], False
    for piece in _PIECE.findall(pattern):
        if piece == "[" and not inside:
            inside = True
        elif piece == "]" and inside:
            inside = False
        made.append((_INSIDE if inside else _OUTSIDE).get(piece, piece))
    return "".join([_EDGE if begins else "", *made, _EDGE if ends else ""])
