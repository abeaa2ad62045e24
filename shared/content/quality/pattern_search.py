"""Fast search for many patterns that rarely match.

Each rule's pattern is a Python regular expression, often with lookarounds and Unicode classes. A wider
pattern for RE2 is derived from it: where RE2's pattern finds nothing, Python's finds nothing either. RE2
searches all wide patterns in one pass over a text. Python's pattern runs only where RE2 finds something.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

import re2

from shared.content.bounded_patterns import compile_bounded

# A lookaround, with the character classes and groups inside it.
_CLASS = r"\[(?:[^\]\\]|\\.)*\]"
_PLAIN = rf"(?:[^()\[\\]|\\.|{_CLASS})"
_LOOKAROUND = re.compile(rf"\(\?<?[=!](?:{_PLAIN}|\((?:{_PLAIN})*\))*\)", re.DOTALL)
# RE2 has no lookarounds, so its patterns of whole words match the character before and after the word.
_NO_WORD_BEFORE, _NO_WORD_AFTER = r"(?<!\w)", r"(?!\w)"
_EDGE = r"(?:^|$|[^\pL\pN_])"
_CODE_POINT = re.compile(r"\\[uU]([0-9a-fA-F]{8}|[0-9a-fA-F]{4})")
# Word boundaries are removed. Python's classes are Unicode and RE2's are ASCII, so they are written out.
# The first table holds outside of a character class, the second inside.
_OUTSIDE = {r"\b": "", r"\B": "", r"\w": r"[\pL\pN_]", r"\s": r"[\s\pZ]", r"\d": r"\pN"}
_INSIDE = {r"\w": r"\pL\pN_", r"\s": r"\s\pZ", r"\d": r"\pN"}
# The most bytes for the patterns of a locale and their automaton. They need 8 MB, and with real texts hardly
# more.
_MAX_MEMORY = 16 << 20
_PIECE = re.compile(r"\\.|[\[\]]|[^\\\[\]]+", re.DOTALL)


class SearchPattern:
    """A pattern that a rule searches in the fields of a locale. `regex` decides what is a match.

    It is the given pattern with a bound on each repetition, so that its time is linear.
    """

    def __init__(self, regex: re.Pattern[str]) -> None:
        self.regex = compile_bounded(regex.pattern, regex.flags)
        self._unbounded = regex.pattern

    @cached_property
    def wide(self) -> str:
        """The pattern for RE2. It matches wherever `regex` does, and in other places too."""
        ignore_case = "i" if self.regex.flags & re.IGNORECASE else ""
        # RE2 is linear without bounds, which would make its automaton large.
        return f"(?m{ignore_case}){widen(self._unbounded)}"

    def may_match(self, text: str) -> bool:
        """Whether the pattern may match in a text. For many patterns, a `PatternSet` is faster."""
        return bool(self._alone.possible_matches(text))

    @cached_property
    def _alone(self) -> "PatternSet":
        return PatternSet([self])


def whole_words(words: str, *, ignore_case: bool = True) -> SearchPattern:
    """A pattern of whole words. `words` are separated by `|` and may be regular expressions."""
    return SearchPattern(re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE if ignore_case else 0))


class PatternSet:
    """Patterns that are searched together: the time of a search does not grow with their number."""

    def __init__(self, patterns: Iterable[SearchPattern]) -> None:
        self.patterns = tuple(dict.fromkeys(patterns))
        options = re2.Options()
        options.max_mem = _MAX_MEMORY
        # RE2 also reports "no match" when its memory is used up. The empty pattern always matches, so an
        # empty result means that the search failed.
        self._set = re2.Set.SearchSet(options)
        self._set.Add("")
        for pattern in self.patterns:
            self._set.Add(pattern.wide)
        self._set.Compile()

    def possible_matches(self, text: str) -> Sequence[SearchPattern]:
        """The patterns that may match in a text, or all of them when RE2 could not search it."""
        indexes = self._set.Match(text)
        if not indexes:
            return self.patterns
        return [self.patterns[index - 1] for index in indexes if index]


def widen(pattern: str) -> str:
    """A pattern for RE2 that matches wherever Python's `pattern` matches, and possibly elsewhere."""
    has_start, has_end = pattern.startswith(_NO_WORD_BEFORE), pattern.endswith(_NO_WORD_AFTER)
    pattern = _LOOKAROUND.sub("", pattern)
    pattern = _CODE_POINT.sub(lambda match: rf"\x{{{match[1]}}}", pattern)
    pieces, in_class = [], False
    for piece in _PIECE.findall(pattern):
        if piece == "[" and not in_class:
            in_class = True
        elif piece == "]" and in_class:
            in_class = False
        pieces.append((_INSIDE if in_class else _OUTSIDE).get(piece, piece))
    return "".join([_EDGE if has_start else "", *pieces, _EDGE if has_end else ""])
