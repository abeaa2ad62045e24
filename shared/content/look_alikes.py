"""Letters of other scripts that look like Latin ones: a name with one of them escapes a search."""

import re
import unicodedata

# Cyrillic, Greek and Armenian letters, each before its Latin double (Unicode Technical Standard 39,
# confusables.txt).
_PAIRS = (
    "АA ВB ЕE ЅS ІI ЈJ КK МM НH ОO РP СC ТT УY ХX ԌG ԚQ ԜW аa еe ѕs іi јj оo рp сc уy хx һh ԁd ԛq ԝw "
    "ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX οo νv ɡg օo հh սu ոn ցg"
)
_TABLE = {ord(pair[0]): pair[1] for pair in _PAIRS.split()}
_WORD = re.compile(r"\w+")
_LATIN_LETTER = re.compile("[A-Za-zÀ-ÖØ-öø-ÿ]")
# Styled letters and figures of mathematics.
_STYLED = re.compile("[\U0001d400-\U0001d7ff]")

# Letters that no text in a language of the app has, as the inside of a character class: phonetic ones, Greek
# ones without the symbols Δ Σ Ω λ μ π φ, all other scripts, full-width and styled ones, the i without a dot.
FOREIGN_LETTERS = (
    r"\u0131\u0250-\u02af\u0370-\u0373\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u0393\u0395-\u03a1\u03a4-\u03a8\u03aa-\u03ba"
    r"\u03bd-\u03bf\u03c1-\u03c5\u03c7-\u1dbf\u1f00-\u1fff\u2c60-\u2dff\u3040-\u3163\u3165-\ud7ff\uf900-\ufdff\ufe70-\ufefc"
    r"\uff21-\uff3a\uff41-\uff5a\uff66-\uff9f\uffa1-\uffdc\U00010000-\U0001bc9f\U0001d400-\U0001d7ff\U00020000-\U0003ffff"
)


def with_latin_letters(text: str) -> str:
    """The text with Latin letters in words that mix them with letters that only look like them."""
    if text.isascii():
        return text
    text = _STYLED.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    return _WORD.sub(_with_latin_letters, text)


def _with_latin_letters(word: re.Match[str]) -> str:
    return word[0].translate(_TABLE) if _LATIN_LETTER.search(word[0]) else word[0]
