"""Terms that the locale's guide says to avoid."""

import re
from collections.abc import Iterator
from functools import lru_cache

from shared.content.prompts.guides import guide_for
from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.pattern_search import SearchPattern, whole_words

RULE = "glossary"


def patterns(locale: str) -> tuple[SearchPattern, ...]:
    return (_avoided_terms(locale)[0],)


def check(context: CheckContext) -> Iterator[Finding]:
    """Terms to avoid, with the term to use instead. A term in the product's name is accepted."""
    avoided, uses = _avoided_terms(context.locale)
    for field, match in context.find(avoided):
        if match[0].casefold() in context.source.name.casefold():
            continue
        advice = f"write «{uses[match[0].casefold()]}»"
        yield finding_at(RULE, Severity.WARNING, field.path, field.text, match.span(), advice)


@lru_cache(maxsize=16)
def _avoided_terms(locale: str) -> tuple[SearchPattern, dict[str, str]]:
    uses = {word.casefold(): term.use for term in guide_for(locale).terms for word in term.avoid}
    words = sorted(uses, key=len, reverse=True)
    return whole_words("|".join(map(re.escape, words))), uses
