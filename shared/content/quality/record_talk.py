"""Talk of the record: that something "is not stated", "laut Datenblatt", or that the reader should ask.

A shop prints what is known of a product. Where the record does not carry a text, the text is left out.
"""

from collections.abc import Iterator
from functools import lru_cache

from shared.content.locales import language_of
from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.pattern_search import SearchPattern, whole_words
from shared.content.quality.wordlists import read_vocabulary

RULE = "record_talk"
_ADVICE = "say what is known, or null; never speak of the record, of missing data or of asking the shop"


def patterns(locale: str) -> tuple[SearchPattern, ...]:
    return (_record_talk(language_of(locale)),)


def check(context: CheckContext) -> Iterator[Finding]:
    """Words about the record instead of the product. Words that the record itself has are accepted."""
    record = context.source.text.casefold()
    reported: set[str] = set()
    for field, match in context.find(_record_talk(context.language)):
        # One finding per field, so that the reasons for the next try have room for other rules.
        if field.path not in reported and match[0].casefold() not in record:
            reported.add(field.path)
            yield finding_at(RULE, Severity.ERROR, field.path, field.text, match.span(), _ADVICE)


@lru_cache(maxsize=8)
def _record_talk(language: str) -> SearchPattern:
    return whole_words("|".join(read_vocabulary("record_talk")[language]))
