"""Brand and model must be named as in the record. Other brands and shops must not be named."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import re2
from rapidfuzz import fuzz

from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.pattern_search import SearchPattern, whole_words
from shared.content.quality.wordlists import read_vocabulary
from shared.content.word_counts import words_of

MISSING_RULE = "name_missing"
MISSPELT_RULE = "name_misspelt"
OTHER_RULE = "other_brand"

_TITLE = "basic_info.seo_title"

# From this similarity to the brand on (0 to 100), another capitalised word is a misspelling of it.
_MISSPELLING_SIMILARITY = 80
# Shorter words of a brand are not checked.
_MIN_BRAND_LENGTH = 5
_WITH_CAPITAL = re.compile(r"[A-ZÀ-Þ][\w’'-]*")
_CAPITALISED = re.compile(rf"(?<!\w){_WITH_CAPITAL.pattern}")


def patterns(_: str) -> tuple[SearchPattern, ...]:
    return _name_patterns("brands")[0], _name_patterns("shops")[0]


def check(context: CheckContext) -> Iterator[Finding]:
    """A missing name, a misspelt brand, and names of other brands or shops."""
    yield from _missing_names(context)
    yield from _misspelt_brand(context)
    yield from _other_names(context)


def _missing_names(context: CheckContext) -> Iterator[Finding]:
    all_text = context.texts.text.casefold()
    brand, model = context.source.brand, context.source.model_words
    if brand and brand.casefold() not in all_text:
        advice = f"name the brand «{brand}» at least in the overview"
        yield Finding(rule=MISSING_RULE, severity=Severity.WARNING, field="", words=brand, advice=advice)
    title = next((field for field in context.fields if field.path == _TITLE), None)
    if title and context.source.name_words.isdisjoint(context.texts.words[_TITLE]):
        advice = "name the product in the page title"
        span = (0, len(title.text))
        yield finding_at(MISSING_RULE, Severity.WARNING, title.path, title.text, span, advice)
    # Catalogues append colours and codes that a text may omit, so half of the model's words suffice.
    words = set().union(*context.texts.words.values()) if model else ()
    if model and sum(word in words for word in model) < len(model) / 2:
        name = context.source.name
        advice = f"name the model as the record does: «{name}»"
        yield Finding(rule=MISSING_RULE, severity=Severity.WARNING, field="", words=name, advice=advice)


def _misspelt_brand(context: CheckContext) -> Iterator[Finding]:
    brand = [word for word in words_of(context.source.brand) if len(word) >= _MIN_BRAND_LENGTH]
    known = {word.casefold() for word in brand} | context.source.name_words
    wrong: dict[str, str] = {}
    initials = {_without_accents(word[0].casefold()) for word in brand}
    for word in set(_WITH_CAPITAL.findall(context.texts.text)) if brand else ():
        if _without_accents(word[0].casefold()) not in initials:
            continue
        stem = re.sub(r"['’]s?$", "", word).casefold()
        if stem in known or stem in context.source.words or stem.removesuffix("s") in known:
            continue
        correct = next((each for each in brand if _is_misspelling(stem, each.casefold())), None)
        if correct:
            wrong[word] = correct
    for field in context.fields if wrong else ():
        for match in _CAPITALISED.finditer(field.text):
            if match[0] in wrong:
                advice = f"write «{wrong[match[0]]}»"
                yield finding_at(
                    MISSPELT_RULE, Severity.WARNING, field.path, field.text, match.span(), advice
                )


def _is_misspelling(word: str, brand: str) -> bool:
    if abs(len(word) - len(brand)) > 2:
        return False
    if _without_accents(word) == _without_accents(brand):
        return True
    # German compounds begin with the whole name (Fender-Sound).
    if word.startswith(brand) or word[0] != brand[0]:
        return False
    return fuzz.ratio(word, brand) >= _MISSPELLING_SIMILARITY


@lru_cache(maxsize=4096)
def _without_accents(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def _other_names(context: CheckContext) -> Iterator[Finding]:
    record = context.source.text.casefold()
    for key, severity, advice in (
        ("brands", Severity.WARNING, "name no other brand"),
        ("shops", Severity.ERROR, "name no shop"),
    ):
        pattern, fast_regex = _name_patterns(key)
        # Most texts name only brands of the record, above all the product's own. They are skipped quickly.
        if not context.may_match(pattern) or all(
            name.casefold() in record for name in set(fast_regex.findall(context.texts.text))
        ):
            continue
        for field, match in context.find(pattern):
            if match[0].casefold() not in record:
                yield finding_at(OTHER_RULE, severity, field.path, field.text, match.span(), advice)


@lru_cache(maxsize=2)
def _name_patterns(key: str) -> "tuple[SearchPattern, re2._Regexp]":
    """The names as a pattern of whole words, and as one for RE2 that also matches inside of words."""
    names = "|".join(map(re.escape, read_vocabulary("names")[key]))
    return whole_words(names, ignore_case=False), re2.compile(names)
