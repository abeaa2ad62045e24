"""Links, e-mail addresses and phone numbers, which the model must never write."""

import re
from collections.abc import Iterator

import phonenumbers

from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.pattern_search import SearchPattern
from shared.content.url_finder import DISGUISED, find_addresses

RULE = "link"
PHONE_RULE = "phone_number"
_ADVICE = "write no addresses; links come from the catalogue"
_PHONE_ADVICE = "write no phone numbers"

# The country of a locale's readers, for phone numbers without a country code.
_REGION = {"en-US": "US", "en-GB": "GB"}
# Fast tests: a text without such a match has no link, or no phone number. Most texts have neither.
_POSSIBLE_LINK = SearchPattern(re.compile(r"[\w-][.．。｡﹒․][a-z]|[@＠﹫]|[/／⁄∕]{2}|www", re.IGNORECASE))
_DISGUISED = SearchPattern(re.compile(DISGUISED))
_POSSIBLE_PHONE = SearchPattern(re.compile(r"\d(?:[\s()./-]?\d){6}"))


def patterns(_: str) -> tuple[SearchPattern, ...]:
    return _POSSIBLE_LINK, _DISGUISED, _POSSIBLE_PHONE


def check(context: CheckContext) -> Iterator[Finding]:
    """Every link, e-mail address and phone number."""
    region = _REGION.get(context.locale, context.locale.rpartition("-")[2])
    matches = (*context.find(_POSSIBLE_LINK), *context.find(_DISGUISED))
    for field in dict.fromkeys(field for field, _ in matches):
        for span in find_addresses(field.text):
            yield finding_at(RULE, Severity.ERROR, field.path, field.text, span, _ADVICE)
    for field in dict.fromkeys(field for field, _ in context.find(_POSSIBLE_PHONE)):
        for number in phonenumbers.PhoneNumberMatcher(field.text, region, phonenumbers.Leniency.VALID):
            span = (number.start, number.end)
            yield finding_at(PHONE_RULE, Severity.ERROR, field.path, field.text, span, _PHONE_ADVICE)
