"""Reads numbers with their units in texts of the six languages.

Libraries for quantities read "24,75" as two numbers, so this module has its own patterns: for decimal comma
and point, thousands, fractions, ranges, `2x12` and units. The library text2num reads number words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from text_to_num import Token, find_numbers

from shared.content.bounded_patterns import compile_bounded
from shared.content.quality.pattern_search import SearchPattern, whole_words
from shared.content.quality.units import UNITS, Unit
from shared.content.quality.wordlists import read_vocabulary

_GLYPHS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅛": 0.125, "⅜": 0.375, "⅝": 0.625, "⅞": 0.875}
_NUMBER = (
    r"\d+\s+\d{1,2}/\d{1,2}(?![\d/])|\d+-\d{1,2}/\d{1,2}(?![\d/])|\d{1,2}/\d{1,2}(?![\d/])"
    r"|\d+\s?[½¼¾⅛⅜⅝⅞]|[½¼¾⅛⅜⅝⅞]"
    r"|\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
)
_UNIT = "|".join(f"(?P<u{index}>{spelling})" for index, (spelling, _) in enumerate(UNITS))
# Not inside a word or a model's name (C40, FP-30X), and not directly before letters other than a unit
# (80s, 4JQ).
_QUANTITY = compile_bounded(
    rf"(?:(?<![\w])|(?<=\d[x×]))(?<![A-Za-z][-.])(?<!\d[.,/])(?P<number>{_NUMBER})"
    rf"(?:[\s\u00a0\u202f-]?(?:{_UNIT})(?![A-Za-zÀ-ÿ])|(?=\s?[x×]\s?\d)|(?![\w]))",
    re.IGNORECASE,
)
DIGIT = re.compile(r"[\d½¼¾⅛⅜⅝⅞]")
_WORD = compile_bounded(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|[^\w\s]")
# Words for smaller numbers are often articles or idioms (one, un, due).
MIN_WORD_VALUE = 10.0
# Words for these numbers are more often idioms than figures ("hundreds of", "a thousand ways").
_IDIOMS = frozenset({100.0, 1000.0, 1e6})


@dataclass(frozen=True)
class Quantity:
    """A number in a text: every value that it may mean, its unit if any, and its offsets in the text."""

    values: tuple[float, ...]
    unit: Unit | None
    start: int
    end: int


def read_numbers(
    text: str, language: str, *, min_word_value: float | None = MIN_WORD_VALUE
) -> Iterator[Quantity]:
    """The numbers of a text: in digits, and in words from `min_word_value` on. None skips number words."""
    for match in _QUANTITY.finditer(text) if DIGIT.search(text) else ():
        unit = UNITS[int(match.lastgroup[1:])][1] if match.lastgroup and match.lastgroup != "number" else None
        values = _values(match["number"], language)
        if values:
            yield Quantity(values, unit, match.start(), match.end())
    if min_word_value is None:
        return
    if min_word_value >= MIN_WORD_VALUE and not number_word_pattern(language).regex.search(text):
        return
    yield from _read_number_words(text, language, min_word_value)


@lru_cache(maxsize=8192)
def _values(number: str, language: str) -> tuple[float, ...]:
    """The possible values, the most likely first: "1.299" is 1299 in German and 1.299 in English."""
    if number[-1] in _GLYPHS:
        whole = number[:-1].strip()
        return ((float(whole) if whole else 0.0) + _GLYPHS[number[-1]],)
    if "/" in number:
        *wholes, fraction = re.split(r"[\s-]+", number)
        top, bottom = fraction.split("/")
        if int(bottom) == 0:
            return ()
        return (float(sum(map(int, wholes)) + Fraction(int(top), int(bottom))),)
    number = re.sub(r"['’\u00a0\u202f]", "", number)
    decimal, thousands = (".", ",") if language == "en" else (",", ".")
    if "." in number and "," in number:
        decimal = max(".,", key=number.rfind)
        thousands = "," if decimal == "." else "."
        return (float(number.replace(thousands, "").replace(decimal, ".")),)
    mark = next((mark for mark in ".," if mark in number), None)
    if mark is None:
        return (float(number),)
    if number.count(mark) > 1:
        return (float(number.replace(mark, "")),)
    as_decimal = float(number.replace(mark, "."))
    if len(number.rpartition(mark)[2]) != 3:
        return (as_decimal,)
    as_thousands = float(number.replace(mark, ""))
    # The language's own reading comes first. The other one counts too, because writers mix them.
    return (as_thousands, as_decimal) if mark == thousands else (as_decimal, as_thousands)


# Short forms before a noun, which text2num does not know, and the forms that it knows.
_FULL_FORMS = {"veintiún": "veintiuno"}


@lru_cache(maxsize=8)
def number_word_pattern(language: str) -> SearchPattern:
    """The words that occur in every number word from ten on. A text without a match has no such number."""
    return whole_words(read_vocabulary("numbers")[language].replace("\n", ""))


class _Word(Token):  # type: ignore[misc]  # the library has no types
    def __init__(self, match: re.Match[str]) -> None:
        self.start, self.end = match.start(), match.end()
        self._text = _FULL_FORMS.get(match[0].lower(), match[0])

    def text(self) -> str:
        return self._text


def _read_number_words(text: str, language: str, min_value: float) -> Iterator[Quantity]:
    words = [_Word(match) for match in _WORD.finditer(text)]
    for number in find_numbers(words, language, 0.0):
        if number.is_ordinal or number.value < min_value or (min_value and number.value in _IDIOMS):
            continue
        start, end = words[number.start].start, words[number.end - 1].end
        yield Quantity((number.value,), None, start, end)
