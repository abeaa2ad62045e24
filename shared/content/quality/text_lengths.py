"""Lengths: each field should have the requested length, and each locale the length of the first one."""

import re
from collections.abc import Iterator
from functools import lru_cache

from shared.content.answer_form import words_asked
from shared.content.content_parts import META_DESCRIPTION_CHARACTERS, SEO_TITLE_CHARACTERS
from shared.content.locales import LOCALES
from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.locale_texts import LocaleTexts
from shared.content.quality.pattern_search import SearchPattern

LENGTH_RULE = "length"
SEO_RULE = "seo_length"
FULLNESS_RULE = "less_full_than_first"
EMPTY_RULE = "placeholder"

_SEO = {
    "basic_info.seo_title": SEO_TITLE_CHARACTERS,
    "basic_info.meta_description": META_DESCRIPTION_CHARACTERS,
}
_WORDS = re.compile(r"(\d{1,4}) to (\d{1,4}) words")
# The shares of the requested range within which a length is accepted. Languages differ, and a good short
# sentence is better than padding.
_MIN_SHARE = 0.6
_MAX_SHARE = 1.4
# A field with fewer words than these may have any length: its short side, its long side.
_MIN_CHECKED_WORDS = 12
_PLACEHOLDER = SearchPattern(
    re.compile(
        r"^(?:n/?a|null|none|string|undefined|no data|not (?:available|specified)|[\W_]*)\.?$"
        r"|\b(?:lorem ipsum|placeholder)\b"
        # Only in capitals: "todo" is a word in Spanish and Portuguese.
        r"|\b(?-i:TODO|TBD)\b",
        re.IGNORECASE,
    )
)


def patterns(_: str) -> tuple[SearchPattern, ...]:
    return (_PLACEHOLDER,)


def check(context: CheckContext) -> Iterator[Finding]:
    """Fields far outside their range, placeholders, and a locale much shorter than the first one."""
    ranges = words_asked(context.plan)
    empty = {field.path for field, _ in context.find(_PLACEHOLDER)}
    for field in context.fields:
        limit = _SEO.get(field.path)
        if limit and len(field.text) > limit:
            advice = f"at most {limit} characters; search engines cut it there"
            span = (limit, len(field.text))
            yield finding_at(SEO_RULE, Severity.WARNING, field.path, field.text, span, advice)
        if field.path in empty:
            advice = "write the text; this says nothing"
            yield finding_at(EMPTY_RULE, Severity.ERROR, field.path, field.text, (0, len(field.text)), advice)
            continue
        low, high = ranges.get(_without_index(field.path), (0, 0))
        if high < _MIN_CHECKED_WORDS:
            continue
        count = len(context.texts.words[field.path])
        too_short = low >= _MIN_CHECKED_WORDS and count < low * _MIN_SHARE
        if too_short or count > high * _MAX_SHARE:
            advice = f"{low} to {high} words were asked for, these are {count}"
            span = (0, len(field.text))
            yield finding_at(LENGTH_RULE, Severity.WARNING, field.path, field.text, span, advice)
    yield from _short_locale(context)


@lru_cache(maxsize=256)
def _without_index(path: str) -> str:
    return re.sub(r"\.\d+", "", path)


def _short_locale(context: CheckContext) -> Iterator[Finding]:
    first = next((locale for locale in LOCALES if locale in context.siblings), None)
    # Later locales are compared with the first one, which is compared with none.
    if first is None or LOCALES.index(context.locale) < LOCALES.index(first):
        return
    share = context.texts.characters / max(context.siblings[first].characters, 1)
    if share < context.limits.fullness_warning and not _has_all_that_was_asked(context, first):
        severity = Severity.ERROR if share < context.limits.fullness_error else Severity.WARNING
        advice = f"as full as {first}, please; it has {share:.0%} of its length"
        yield Finding(rule=FULLNESS_RULE, severity=severity, field="", advice=advice)


def _has_all_that_was_asked(context: CheckContext, first: str) -> bool:
    """Whether the locale has each part that the first one has, as long as the plan asks or longer.

    Short plans leave room: two texts may each have the words that were asked for and differ by half.
    """
    if context.plan is None:
        return False
    asked = words_asked(context.plan)
    own = _words_by_part(context.texts)
    return all(
        part in own and own[part] >= asked.get(part, (0, 0))[0]
        for part in _words_by_part(context.siblings[first])
    )


def _words_by_part(texts: LocaleTexts) -> dict[str, int]:
    """The most words that a field of each part has, by the part's path."""
    counts: dict[str, int] = {}
    for path, words in texts.words.items():
        part = _without_index(path)
        counts[part] = max(counts.get(part, 0), len(words))
    return counts
