"""Texts that are the same in two languages: copied from another locale instead of written for this one."""

from collections.abc import Iterator
from itertools import product

from rapidfuzz import fuzz, process

from shared.content.locales import language_of
from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at

RULE = "copied_text"
# Shorter texts may be the same in two languages: styles, loan words.
_MIN_WORDS = 4
# From this many words on, nearly the same text counts, and it is an error instead of a warning.
_LONG = 8


def check(context: CheckContext) -> Iterator[Finding]:
    """Fields that are the same as in a locale of another language."""
    # Words of the name do not count: they are the same in every language and may be half of a short text.
    counts = {path: len(words) for path, words in context.texts.own_words.items() if len(words) >= _MIN_WORDS}
    fields = {field.path: field for field in context.fields}
    for locale, path in _same_texts(context, list(counts)):
        field, count = fields[path], counts[path]
        severity = Severity.ERROR if count >= _LONG else Severity.WARNING
        advice = f"write it for {context.locale}; it is the text of {locale}"
        yield finding_at(RULE, severity, path, field.text, (0, len(field.text)), advice)


def _same_texts(context: CheckContext, paths: list[str]) -> Iterator[tuple[str, str]]:
    """Locale and path of each text in another language that is the same. One call compares all of them."""
    others = {
        locale: texts.own_texts
        for locale, texts in context.siblings.items()
        if language_of(locale) != context.language
    }
    pairs = list(product(others, paths))
    own_texts = [context.texts.own_texts[path] for path in paths] * len(others)
    other_texts = [others[locale].get(path) for locale, path in pairs]
    scores = process.cpdist(own_texts, other_texts, scorer=fuzz.ratio, score_cutoff=context.limits.similarity)
    for index in scores.nonzero()[0]:
        locale, path = pairs[index]
        # Short texts of related languages are often similar, so a short text must be equal.
        if scores[index] >= 100 or len(context.texts.own_words[path]) >= _LONG:
            yield locale, path
