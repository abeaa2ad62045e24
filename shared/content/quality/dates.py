"""Dates, years and decades that are not in the record. The model does not know release dates."""

import re
from collections.abc import Iterator

from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.pattern_search import SearchPattern

RULE = "unsourced_date"
_ADVICE = "leave the date or year out; the record does not have it"

_YEAR = SearchPattern(
    re.compile(r"(?<![\w.,])(?:19|20)\d{2}(?:er|s|’s|'s)?(?![\w]|[.,]\d|\s?(?:mm|g|Hz|x|×|€|\$|£)\b)")
)
_DECADE = SearchPattern(
    re.compile(
        r"(?<![\w.,])['’‘]?(?P<a>[2-9]0)(?:['’]?s|er(?:[- ]Jahren?)?|ies)\b"
        r"|\b(?:anni|años|années|anos|de\s+los)\s+['’‘]?(?P<b>[2-9]0)(?![\w%°\"″])",
        re.IGNORECASE,
    )
)
_DAY = SearchPattern(re.compile(r"(?<!\d)\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}(?!\d)"))


def patterns(_: str) -> tuple[SearchPattern, ...]:
    return _DAY, _YEAR, _DECADE


def check(context: CheckContext) -> Iterator[Finding]:
    """Every date, year and decade that the record does not state."""
    for field, match in context.find(_DAY):
        if match[0] not in context.source.text and not _are_record_numbers(context, match[0]):
            yield _finding(field.path, field.text, match)
    for field, match in context.find(_YEAR):
        year = match[0][:4]
        decade = rf"|(?:19|20)?{year[2]}\d" if len(match[0]) > len(year) else ""
        if not re.search(rf"(?<!\d)(?:{year}{decade})(?!\d)", context.source.text):
            yield _finding(field.path, field.text, match)
    for field, match in context.find(_DECADE):
        digits = match["a"] or match["b"]
        # "80s", "'80s", "1980s" and any year of the decade are a source for it.
        if not re.search(rf"(?<!\d)(?:19|20)?{digits[0]}\d(?!\d)", context.source.text):
            yield _finding(field.path, field.text, match)


def _are_record_numbers(context: CheckContext, text: str) -> bool:
    """Whether the three numbers are values of the record: "9/12/18 V" is no date."""
    known = {value for quantity in context.source.numbers for value in quantity.values}
    return all(float(number) in known for number in re.split(r"[./-]", text))


def _finding(path: str, text: str, match: re.Match[str]) -> Finding:
    return finding_at(RULE, Severity.ERROR, path, text, match.span(), _ADVICE)
