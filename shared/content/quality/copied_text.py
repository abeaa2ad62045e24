"""Texts that are the same in two languages: copied from another locale instead of written for this one."""

import re
from collections.abc import Iterator
from itertools import product

from rapidfuzz import fuzz, process

from shared.content.locales import language_of
from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.language import function_words_of

RULE = "copied_text"
# Shorter texts may be the same in two languages: styles, loan words.
_MIN_WORDS = 4
# From this many words on, nearly the same text counts, and it is an error instead of a warning.
_LONG = 8
# Short facts may be the same word for word in these ("Escala de palisandro", "Modelo de entrada").
_RELATED = frozenset({"es", "it", "pt"})
# Symbols that are the same in every language: "1300 x 284 x 151 mm, 16.7 kg" is no copy.
_SYMBOLS = frozenset({"x", "mm", "cm", "m", "kg", "g", "hz", "khz", "v", "w", "ma", "db", "usb", "midi"})
_LIST_ITEM = re.compile(r"\.\d+$")


def check(context: CheckContext) -> Iterator[Finding]:
    """Fields that are the same as in a locale of another language."""
    # Words of the name, figures and units do not count: they are the same in every language, and may be half
    # of a short text.
    counts = {path: _count(words) for path, words in context.texts.own_words.items()}
    counts = {path: count for path, count in counts.items() if count >= _MIN_WORDS}
    fields = {field.path: field for field in context.fields}
    for locale, path in _same_texts(context, counts):
        field, count = fields[path], counts[path]
        severity = Severity.ERROR if count >= _LONG else Severity.WARNING
        advice = f"write it for {context.locale}; it is the text of {locale}"
        yield finding_at(RULE, severity, path, field.text, (0, len(field.text)), advice)


def _count(words: tuple[str, ...]) -> int:
    return sum(word not in _SYMBOLS and not any(letter.isdigit() for letter in word) for word in words)


def _same_texts(context: CheckContext, counts: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Locale and path of each text in another language that is the same. One call compares all of them."""
    paths = list(counts)
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
        is_long = counts[path] >= _LONG
        if scores[index] >= 100:
            related = {context.language, language_of(locale)} <= _RELATED
            if is_long or not (related and _LIST_ITEM.search(path)):
                yield locale, path
        # Short texts of related languages are often similar, so a short text must be equal.
        elif is_long and not _is_translated(context, locale, path):
            yield locale, path


def _is_translated(context: CheckContext, locale: str, path: str) -> bool:
    """Whether nearly equal texts differ by a function word that only one of the languages has ("y", "e")."""
    own = set(context.texts.own_words[path])
    other = set(context.siblings[locale].own_words[path])
    own_words, other_words = function_words_of(context.language), function_words_of(language_of(locale))
    return bool((own - other) & (own_words - other_words) or (other - own) & (other_words - own_words))
