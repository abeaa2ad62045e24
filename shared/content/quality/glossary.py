"""The glossary of a locale, kept: terms of the trade that its guide says not to write."""

import re
from collections.abc import Iterator
from functools import lru_cache

from shared.content.prompts.guides import guide_for
from shared.content.quality.check_case import Case
from shared.content.quality.findings import Finding, Severity, found
from shared.content.quality.prefilter import Spotter, whole_words

RULE = "glossary"


def spotters(locale: str) -> tuple[Spotter, ...]:
    return (_avoided(locale)[0],)


def check(case: Case) -> Iterator[Finding]:
    """Terms to avoid, with the term to use; what the product's name or record calls itself is let alone."""
    avoided, uses = _avoided(case.locale)
    for field, match in case.find(avoided):
        if match[0].casefold() in case.subject.name.casefold():
            continue
        advice = f"write «{uses[match[0].casefold()]}»"
        yield found(RULE, Severity.WARNING, field.path, field.text, match.span(), advice)


@lru_cache(maxsize=16)
def _avoided(locale: str) -> tuple[Spotter, dict[str, str]]:
    uses = {word.casefold(): term.use for term in guide_for(locale).terms for word in term.avoid}
    words = sorted(uses, key=len, reverse=True)
    return whole_words("|".join(map(re.escape, words))), uses
