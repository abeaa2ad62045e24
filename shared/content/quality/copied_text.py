"""Texts that stand the same in two languages: copied from another locale, and not written for this one."""

from collections.abc import Iterator
from itertools import product

from rapidfuzz import fuzz, process

from shared.content.locales import language_of
from shared.content.quality.check_case import Case
from shared.content.quality.findings import Finding, Severity, found

RULE = "copied_text"
# Shorter texts can be the same by right: styles, loan words.
_SHORT = 4
_LONG = 8


def check(case: Case) -> Iterator[Finding]:
    """Fields that are the same as in a locale of another language."""
    # Without the name, which is the same by right and makes up half of a short text.
    counts = {path: len(words) for path, words in case.texts.own_words.items() if len(words) >= _SHORT}
    fields = {field.path: field for field in case.fields}
    for locale, path in _alike(case, list(counts)):
        field, count = fields[path], counts[path]
        severity = Severity.ERROR if count >= _LONG else Severity.WARNING
        advice = f"write it for {case.locale}; it is the text of {locale}"
        yield found(RULE, severity, path, field.text, (0, len(field.text)), advice)


def _alike(case: Case, paths: list[str]) -> Iterator[tuple[str, str]]:
    """Locale and path of every text of another language that is the same; all are compared in one call."""
    others = {
        locale: texts.own_texts
        for locale, texts in case.siblings.items()
        if language_of(locale) != case.language
    }
    pairs = list(product(others, paths))
    ours = [case.texts.own_texts[path] for path in paths] * len(others)
    theirs = [others[locale].get(path) for locale, path in pairs]
    scores = process.cpdist(ours, theirs, scorer=fuzz.ratio, score_cutoff=case.limits.similarity)
    for place in scores.nonzero()[0]:
        locale, path = pairs[place]
        # Short texts of related languages come near each other; equal is equal.
        if scores[place] >= 100 or len(case.texts.own_words[path]) >= _LONG:
            yield locale, path
