"""Ratings, stars and levels in texts. Nobody measured them."""

import re
from collections.abc import Iterator

from shared.content.locales import language_of
from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.pattern_search import SearchPattern
from shared.content.quality.wordlists import word_patterns

RULE = "rating_in_text"
LEVEL_RULE = "level_in_text"
_ADVICE = "write no ratings or stars; nobody measured them"
_LEVEL_ADVICE = "name no level of skill, durability or learning curve; nobody measured it"

# Scores out of 5, 10 or 100. "3/4" and "1/10" are sizes of instruments, "4/4" is a time signature.
_SCORE = SearchPattern(
    re.compile(
        r"(?<![\w/.,])(?!1\s?/)\d{1,3}(?:[.,]\d)?\s?/\s?(?:5|10|100)"
        r"(?![\w/]|[.,]\d|\s?(?:\"|″|inch|Zoll|mm))"
    )
)
_OUT_OF = SearchPattern(
    re.compile(
        r"(?<![\w])\d{1,2}(?:[.,]\d)?\s+(?:out\s+of|von|de|sur|su|em)\s+(?:5|10|100)(?!\w|[.,]\d)"
        r"|(?<![\w])\d(?:[.,]\d)?[\s-](?:stars?|sternen?|estrellas|étoiles|stelle|estrelas)\b",
        re.IGNORECASE,
    )
)
_STARS = SearchPattern(re.compile(r"[★☆⭐]+"))
SCORES = (_SCORE, _OUT_OF)


def patterns(locale: str) -> tuple[SearchPattern, ...]:
    return (*SCORES, _STARS, word_patterns(language_of(locale)).levels)


def check(context: CheckContext) -> Iterator[Finding]:
    """Scores, stars and statements of a level."""
    levels = word_patterns(context.language).levels
    for pattern in SCORES:
        for field, match in context.find(pattern):
            # Some product names look like a score ("Space 4 Star").
            if match[0] not in context.source.text:
                yield finding_at(RULE, Severity.ERROR, field.path, field.text, match.span(), _ADVICE)
    for field, match in context.find(_STARS):
        yield finding_at(RULE, Severity.ERROR, field.path, field.text, match.span(), _ADVICE)
    for field, match in context.find(levels):
        yield finding_at(LEVEL_RULE, Severity.WARNING, field.path, field.text, match.span(), _LEVEL_ADVICE)
