"""Texts that stand the same in two languages: copied from another locale, and not written for this one."""

from collections.abc import Iterator

from rapidfuzz import fuzz

from shared.content.locales import language_of
from shared.content.quality.case import Case
from shared.content.quality.findings import Finding, Severity, found

RULE = "copied_text"
# Shorter texts can be the same by right: styles, loan words.
_SHORT = 4
_LONG = 8


def check(case: Case) -> Iterator[Finding]:
    """Fields that are the same as in a locale of another language."""
    # Without the name, which is the same by right and makes up half of a short text.
    own_words, own_texts = case.texts.own_words, case.texts.own_texts
    ours = [(field, len(own_words[field.path]), own_texts[field.path]) for field in case.fields]
    ours = [(field, count, own) for field, count, own in ours if count >= _SHORT]
    for locale, texts in case.siblings.items():
        if language_of(locale) == case.language:
            continue
        theirs = texts.own_texts
        for field, count, own in ours:
            other = theirs.get(field.path)
            if other is None:
                continue
            similarity = fuzz.ratio(own, other, score_cutoff=case.limits.similarity)
            # Short texts of related languages come near each other; equal is equal.
            if similarity >= (case.limits.similarity if count >= _LONG else 100):
                severity = Severity.ERROR if count >= _LONG else Severity.WARNING
                advice = f"write it for {case.locale}; it is the text of {locale}"
                yield found(RULE, severity, field.path, field.text, (0, len(field.text)), advice)
