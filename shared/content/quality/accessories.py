"""Accessories that a text says are included and the record does not name: a shopper would miss them."""

import re
from collections.abc import Iterator
from functools import lru_cache

from shared.content.locales import language_of
from shared.content.quality.check_case import Case
from shared.content.quality.findings import Finding, Severity, found
from shared.content.quality.prefilter import Spotter, whole_words
from shared.content.quality.wordlists import read_words

RULE = "unsourced_accessory"
_ADVICE = "do not say that it is included; the record does not name it"

# So near, in characters, must the thing and the word for "included" stand.
_NEAR = 30


def spotters(locale: str) -> tuple[Spotter, ...]:
    return (_patterns()[0][language_of(locale)],)


def check(case: Case) -> Iterator[Finding]:
    """Things said to be included, in either order, without a source."""
    included_by_language, things = _patterns()
    included = included_by_language[case.language]
    fields = dict.fromkeys(field for field, _ in case.find(included))
    if not fields:
        return
    sourced = [name for name, pattern in things.items() if pattern.search(case.subject.record)]
    for field in fields:
        offset = 0
        for sentence in case.texts.sentences(field):
            start = field.text.find(sentence, offset)
            offset = start + len(sentence)
            for word in included.pattern.finditer(sentence):
                for name, pattern in things.items():
                    thing = next((m for m in pattern.finditer(sentence) if _distance(word, m) <= _NEAR), None)
                    if thing and name not in sourced:
                        low, high = min(word.start(), thing.start()), max(word.end(), thing.end())
                        span = (start + low, start + high)
                        yield found(RULE, Severity.ERROR, field.path, field.text, span, _ADVICE)


def _distance(one: re.Match[str], other: re.Match[str]) -> int:
    return max(one.start() - other.end(), other.start() - one.end())


@lru_cache(maxsize=1)
def _patterns() -> tuple[dict[str, Spotter], dict[str, re.Pattern[str]]]:
    words = read_words("accessories")
    included = {
        language: whole_words(pattern.replace("\n", "")) for language, pattern in words["included"].items()
    }
    things = {name: whole_words(pattern).pattern for name, pattern in words["things"].items()}
    return included, things
