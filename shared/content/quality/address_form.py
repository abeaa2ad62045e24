"""The form of address: «du» or «Sie», «tú» or «usted», as the locale's guide decides."""

import re
from collections.abc import Iterator
from functools import lru_cache

from shared.content.locales import language_of
from shared.content.prompts.guides import guide_for
from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.pattern_search import SearchPattern
from shared.content.quality.wordlists import read_vocabulary

RULE = "address_form"


def patterns(locale: str) -> tuple[SearchPattern, ...]:
    return _other_forms(locale)


def check(context: CheckContext) -> Iterator[Finding]:
    """Words of a form of address other than the guide's. One finding per field."""
    form = guide_for(context.locale).address_form
    advice = f"address the reader as «{form}» or not at all" if form else "do not address the reader"
    reported: set[str] = set()
    for pattern in _other_forms(context.locale):
        for field, match in context.find(pattern):
            if field.path not in reported and match[0] not in context.source.name:
                reported.add(field.path)
                yield finding_at(RULE, Severity.WARNING, field.path, field.text, match.span(), advice)


@lru_cache(maxsize=16)
def _other_forms(locale: str) -> tuple[SearchPattern, ...]:
    """The patterns of the forms that the guide excludes. None for a language with one form only."""
    forms = read_vocabulary("address_forms").get(language_of(locale), {})
    chosen = guide_for(locale).address_form
    # Case decides between «Sie» and «sie».
    return tuple(SearchPattern(re.compile(pattern)) for form, pattern in forms.items() if form != chosen)
