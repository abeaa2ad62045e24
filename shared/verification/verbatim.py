"""Finding quoted words in a text, whatever typography the quotation changed.

Before comparing, both are treated alike: letter case is ignored; white space of any kind and length is one
space; all double quotation marks and inch marks are one sign, and so are all single ones, with apostrophes
and angle brackets; all dashes are one sign; soft hyphens, zero-width characters and backslashes are dropped;
accents are the same composed or decomposed. Nothing else may differ: no word, no accent, no digit.
"""

import re
import unicodedata

_DOUBLE = '"„“”«»″'
_SINGLE = "'‘’‚‛‹›<>′´`"
_DASHES = "-‐‑‒–—−"
_DROPPED = "\\\u00ad\u200b\u200c\u200d\u2060\ufeff"
_FOLDED = {
    **dict.fromkeys(_DOUBLE, '"'),
    **dict.fromkeys(_SINGLE, "'"),
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys(_DROPPED, ""),
}
_NUMBER_BEFORE = re.compile(r"\d[.,]?$")
_NUMBER_AFTER = re.compile(r"[.,]?\d")
# What a model puts around a quotation, or ends it with.
_AROUND = " \"'.,;:…"


def find_words(text: str, words: str) -> tuple[int, int] | None:
    """The offsets of `words` in `text`; None if `text` does not contain them.

    Quotation marks and stops around `words` may be missing in `text`. A number is found only as a whole:
    "3" is not found in "30", nor "75" in "24,75".
    """
    sought = _fold(words)[0].strip()
    folded, sources = _fold(text)
    for each in (sought, sought.strip(_AROUND)):
        if not any(character.isalnum() for character in each):
            return None
        start = folded.find(each)
        while start >= 0:
            end = start + len(each)
            if not _cuts_a_number(folded, start, end):
                return sources[start], sources[end - 1] + 1
            start = folded.find(each, start + 1)
    return None


def _fold(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the offset where it comes from."""
    folded: list[str] = []
    sources: list[int] = []
    for offset, character in enumerate(text):
        plain = " " if character.isspace() else _FOLDED.get(character, character)
        if plain == " " and folded and folded[-1] == " ":
            continue
        for part in unicodedata.normalize("NFD", plain.lower()):
            folded.append(part)
            sources.append(offset)
    return "".join(folded), sources


def _cuts_a_number(text: str, start: int, end: int) -> bool:
    """Whether the span begins or ends within a number such as 24,75."""
    return bool(
        (text[start].isdigit() and _NUMBER_BEFORE.search(text[max(start - 2, 0) : start]))
        or (text[end - 1].isdigit() and _NUMBER_AFTER.match(text, end))
    )
