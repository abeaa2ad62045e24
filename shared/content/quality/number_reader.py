"""Reading numbers with their units in texts of the six languages.

Libraries for quantities read "24,75" as two numbers, so the patterns are our own: decimal comma and point,
thousands, fractions, ranges, `2x12`, units. Number words are read by text2num.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from text_to_num import Token, find_numbers

from shared.content.quality.prefilter import Spotter, whole_words
from shared.content.quality.units import UNITS, Unit
from shared.content.quality.wordlists import read_words

_GLYPHS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅛": 0.125, "⅜": 0.375, "⅝": 0.625, "⅞": 0.875}
_NUMBER = (
    r"\d+\s+\d{1,2}/\d{1,2}(?![\d/])|\d+-\d{1,2}/\d{1,2}(?![\d/])|\d{1,2}/\d{1,2}(?![\d/])"
    r"|\d+\s?[½¼¾⅛⅜⅝⅞]|[½¼¾⅛⅜⅝⅞]"
    r"|\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
)
_UNIT = "|".join(f"(?P<u{index}>{spelling})" for index, (spelling, _) in enumerate(UNITS))
# Not inside a word or a model's name (C40, FP-30X), and not glued to letters that are no unit (80s, 4JQ).
_QUANTITY = re.compile(
    rf"(?:(?<![\w])|(?<=\d[x×]))(?<![A-Za-z][-.])(?<!\d[.,/])(?P<number>{_NUMBER})"
    rf"(?:[\s\u00a0\u202f-]?(?:{_UNIT})(?![A-Za-zÀ-ÿ])|(?=\s?[x×]\s?\d)|(?![\w]))",
    re.IGNORECASE,
)
DIGIT = re.compile(r"[\d½¼¾⅛⅜⅝⅞]")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|[^\w\s]")
# Words below this are as often articles and idioms (one, un, due) as counts.
FROM_TEN = 10.0
# Round words are idioms more often than figures ("hundreds of", "a thousand ways").
_IDIOMS = frozenset({100.0, 1000.0, 1e6})


@dataclass(frozen=True)
class Quantity:
    """A number in a text: every value it may mean, its unit where it has one, and where it stands."""

    values: tuple[float, ...]
    unit: Unit | None
    start: int
    end: int


def read_numbers(text: str, language: str, *, words_from: float | None = FROM_TEN) -> Iterator[Quantity]:
    """The numbers of a text, in digits and in words from `words_from` on; None reads no words."""
    for match in _QUANTITY.finditer(text) if DIGIT.search(text) else ():
        unit = UNITS[int(match.lastgroup[1:])][1] if match.lastgroup and match.lastgroup != "number" else None
        values = _values(match["number"], language)
        if values:
            yield Quantity(values, unit, match.start(), match.end())
    if words_from is None or (words_from >= FROM_TEN and not number_words(language).pattern.search(text)):
        return
    yield from _in_words(text, language, words_from)


@lru_cache(maxsize=8192)
def _values(number: str, language: str) -> tuple[float, ...]:
    """What a number may mean: "1.299" is 1299 in German and 1.299 in English."""
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
    # The language's own reading first; writers mix them, so the other one counts too.
    return (as_thousands, as_decimal) if mark == thousands else (as_decimal, as_thousands)


# Short forms before a noun that text2num does not read.
_UNREAD = {"veintiún": "veintiuno"}


@lru_cache(maxsize=8)
def number_words(language: str) -> Spotter:
    """A number in words from ten on has one of these; most texts have none and are not looked into."""
    return whole_words(read_words("numbers")[language].replace("\n", ""))


class _Word(Token):  # type: ignore[misc]  # the library has no types
    def __init__(self, match: re.Match[str]) -> None:
        self.start, self.end = match.start(), match.end()
        self._text = _UNREAD.get(match[0].lower(), match[0])

    def text(self) -> str:
        return self._text


def _in_words(text: str, language: str, smallest: float) -> Iterator[Quantity]:
    words = [_Word(match) for match in _WORD.finditer(text)]
    for place in find_numbers(words, language, 0.0):
        if place.is_ordinal or place.value < smallest or (smallest and place.value in _IDIOMS):
            continue
        start, end = words[place.start].start, words[place.end - 1].end
        yield Quantity((place.value,), None, start, end)
