"""Brand and model named as the record names them, and no other brand or shop named at all."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import re2
from rapidfuzz import fuzz

from shared.content.quality.check_case import Case
from shared.content.quality.findings import Finding, Severity, found
from shared.content.quality.prefilter import Spotter, whole_words
from shared.content.quality.wordlists import read_words
from shared.content.word_counts import words_of

MISSING_RULE = "name_missing"
MISSPELT_RULE = "name_misspelt"
OTHER_RULE = "other_brand"

_TITLE = "basic_info.seo_title"

# A capitalised word so near to the brand and not it is the brand misspelt.
_NEAR = 80
_SHORTEST_BRAND = 5
_WITH_CAPITAL = re.compile(r"[A-ZÀ-Þ][\w’'-]*")
_CAPITALISED = re.compile(rf"(?<!\w){_WITH_CAPITAL.pattern}")


def spotters(_: str) -> tuple[Spotter, ...]:
    return _names("brands")[0], _names("shops")[0]


def check(case: Case) -> Iterator[Finding]:
    """The name is there, spelt right, and alone."""
    yield from _missing(case)
    yield from _misspelt(case)
    yield from _others(case)


def _missing(case: Case) -> Iterator[Finding]:
    everything = case.texts.text.casefold()
    brand, model = case.subject.brand, case.subject.model_words
    if brand and brand.casefold() not in everything:
        advice = f"name the brand «{brand}» at least in the overview"
        yield Finding(rule=MISSING_RULE, severity=Severity.WARNING, field="", words=brand, advice=advice)
    title = next((field for field in case.fields if field.path == _TITLE), None)
    if title and case.subject.name_words.isdisjoint(case.texts.words[_TITLE]):
        advice = "name the product in the page title"
        span = (0, len(title.text))
        yield found(MISSING_RULE, Severity.WARNING, title.path, title.text, span, advice)
    # Catalogues append colours and codes that a text may leave out; half of the model's words must be there.
    words = set().union(*case.texts.words.values()) if model else ()
    if model and sum(word in words for word in model) < len(model) / 2:
        name = case.subject.name
        advice = f"name the model as the record does: «{name}»"
        yield Finding(rule=MISSING_RULE, severity=Severity.WARNING, field="", words=name, advice=advice)


def _misspelt(case: Case) -> Iterator[Finding]:
    brand = [word for word in words_of(case.subject.brand) if len(word) >= _SHORTEST_BRAND]
    right = {word.casefold() for word in brand} | case.subject.name_words
    wrong: dict[str, str] = {}
    initials = {_plain(word[0].casefold()) for word in brand}
    for word in set(_WITH_CAPITAL.findall(case.texts.text)) if brand else ():
        if _plain(word[0].casefold()) not in initials:
            continue
        stem = re.sub(r"['’]s?$", "", word).casefold()
        if stem in right or stem in case.subject.record_words or stem.removesuffix("s") in right:
            continue
        near = next((each for each in brand if _is_misspelling(stem, each.casefold())), None)
        if near:
            wrong[word] = near
    for field in case.fields if wrong else ():
        for match in _CAPITALISED.finditer(field.text):
            if match[0] in wrong:
                advice = f"write «{wrong[match[0]]}»"
                yield found(MISSPELT_RULE, Severity.WARNING, field.path, field.text, match.span(), advice)


def _is_misspelling(word: str, brand: str) -> bool:
    if abs(len(word) - len(brand)) > 2:
        return False
    if _plain(word) == _plain(brand):
        return True
    # German builds words with a name (Fender-Sound); those begin with the whole of it.
    if word.startswith(brand) or word[0] != brand[0]:
        return False
    return fuzz.ratio(word, brand) >= _NEAR


@lru_cache(maxsize=4096)
def _plain(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def _others(case: Case) -> Iterator[Finding]:
    record = case.subject.record.casefold()
    for key, severity, advice in (
        ("brands", Severity.WARNING, "name no other brand"),
        ("shops", Severity.ERROR, "name no shop"),
    ):
        spotter, any_name = _names(key)
        # The product's own brand is in every text, and says nothing of the others.
        if not case.may_have(spotter) or all(
            name.casefold() in record for name in set(any_name.findall(case.texts.text))
        ):
            continue
        for field, match in case.find(spotter):
            if match[0].casefold() not in record:
                yield found(OTHER_RULE, severity, field.path, field.text, match.span(), advice)


@lru_cache(maxsize=2)
def _names(key: str) -> "tuple[Spotter, re2._Regexp]":
    """The pattern of names as whole words, and RE2's of the same names anywhere."""
    names = "|".join(map(re.escape, read_words("names")[key]))
    return whole_words(names, any_case=False), re2.compile(names)
