"""Accessories that a text calls included although the record does not name them."""

import re
from collections.abc import Iterator
from functools import lru_cache

from shared.content.locales import language_of
from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.pattern_search import SearchPattern, whole_words
from shared.content.quality.wordlists import read_vocabulary

RULE = "unsourced_accessory"
_ADVICE = "do not say that it is included; the record does not name it"

# The most characters between the accessory and the word for "included".
_MAX_DISTANCE = 30


def patterns(locale: str) -> tuple[SearchPattern, ...]:
    return (_load_patterns()[0][language_of(locale)],)


def check(context: CheckContext) -> Iterator[Finding]:
    """Accessories near a word for "included", before or after it, that the record does not name."""
    included_by_language, accessories = _load_patterns()
    included = included_by_language[context.language]
    fields = dict.fromkeys(field for field, _ in context.find(included))
    if not fields:
        return
    sourced = [name for name, regex in accessories.items() if regex.search(context.source.text)]
    for field in fields:
        offset = 0
        for sentence in context.texts.sentences(field):
            start = field.text.find(sentence, offset)
            offset = start + len(sentence)
            for word in included.regex.finditer(sentence):
                for name, regex in accessories.items():
                    accessory = next(
                        (m for m in regex.finditer(sentence) if _distance(word, m) <= _MAX_DISTANCE), None
                    )
                    if accessory and name not in sourced:
                        low = min(word.start(), accessory.start())
                        high = max(word.end(), accessory.end())
                        span = (start + low, start + high)
                        yield finding_at(RULE, Severity.ERROR, field.path, field.text, span, _ADVICE)


def _distance(one: re.Match[str], other: re.Match[str]) -> int:
    return max(one.start() - other.end(), other.start() - one.end())


@lru_cache(maxsize=1)
def _load_patterns() -> tuple[dict[str, SearchPattern], dict[str, re.Pattern[str]]]:
    vocabulary = read_vocabulary("accessories")
    included = {
        language: whole_words(pattern.replace("\n", ""))
        for language, pattern in vocabulary["included"].items()
    }
    accessories = {name: whole_words(pattern).regex for name, pattern in vocabulary["things"].items()}
    return included, accessories
