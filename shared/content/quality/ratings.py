"""Ratings, stars and levels in texts: those are facts, the same in every language, and stand elsewhere."""

import re
from collections.abc import Iterator

from shared.content.locales import language_of
from shared.content.quality.check_case import Case
from shared.content.quality.findings import Finding, Severity, found
from shared.content.quality.prefilter import Spotter
from shared.content.quality.wordlists import patterns

RULE = "rating_in_text"
LEVEL_RULE = "level_in_text"
_ADVICE = "write no ratings or stars; the facts hold them once for all languages"
_LEVEL_ADVICE = "name no level of skill, durability or learning curve; the facts hold it"

# Out of 5, 10 or 100; "3/4" and "1/10" are sizes, "4/4" is a measure.
_SCORE = Spotter(
    re.compile(
        r"(?<![\w/.,])(?!1\s?/)\d{1,3}(?:[.,]\d)?\s?/\s?(?:5|10|100)"
        r"(?![\w/]|[.,]\d|\s?(?:\"|″|inch|Zoll|mm))"
    )
)
_OUT_OF = Spotter(
    re.compile(
        r"(?<![\w])\d{1,2}(?:[.,]\d)?\s+(?:out\s+of|von|de|sur|su|em)\s+(?:5|10|100)(?!\w|[.,]\d)"
        r"|(?<![\w])\d(?:[.,]\d)?[\s-](?:stars?|sternen?|estrellas|étoiles|stelle|estrelas)\b",
        re.IGNORECASE,
    )
)
_STARS = Spotter(re.compile(r"[★☆⭐]+"))
SCORES = (_SCORE, _OUT_OF)


def spotters(locale: str) -> tuple[Spotter, ...]:
    return (*SCORES, _STARS, patterns(language_of(locale)).levels)


def check(case: Case) -> Iterator[Finding]:
    """Scores, stars, and sentences that state a level."""
    levels = patterns(case.language).levels
    for spotter in SCORES:
        for field, match in case.find(spotter):
            # Some products are called so ("Space 4 Star").
            if match[0] not in case.subject.record:
                yield found(RULE, Severity.ERROR, field.path, field.text, match.span(), _ADVICE)
    for field, match in case.find(_STARS):
        yield found(RULE, Severity.ERROR, field.path, field.text, match.span(), _ADVICE)
    for field, match in case.find(levels):
        yield found(LEVEL_RULE, Severity.WARNING, field.path, field.text, match.span(), _LEVEL_ADVICE)
