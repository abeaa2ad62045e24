"""Links, e-mail addresses and phone numbers: none of them is the model's to write."""

import re
from collections.abc import Iterator

import phonenumbers

from shared.content.quality.check_case import Case
from shared.content.quality.findings import Finding, Severity, found
from shared.content.quality.prefilter import Spotter
from shared.content.url_finder import links_in

RULE = "link"
PHONE_RULE = "phone_number"
_ADVICE = "write no addresses; links come from the catalogue"
_PHONE_ADVICE = "write no phone numbers"

# Where a locale's readers live, for numbers without a country code.
_REGION = {"en-US": "US", "en-GB": "GB"}
# Cheap signs without which there is neither; most texts have none.
_MAY_LINK = Spotter(re.compile(r"[\w-]\.[a-z]|@|//|www", re.IGNORECASE))
_MAY_CALL = Spotter(re.compile(r"\d(?:[\s()./-]?\d){6}"))


def spotters(_: str) -> tuple[Spotter, ...]:
    return _MAY_LINK, _MAY_CALL


def check(case: Case) -> Iterator[Finding]:
    """Addresses of every kind."""
    region = _REGION.get(case.locale, case.locale.rpartition("-")[2])
    for field in dict.fromkeys(field for field, _ in case.find(_MAY_LINK)):
        for link in links_in(field.text):
            span = (link.index, link.last_index)
            yield found(RULE, Severity.ERROR, field.path, field.text, span, _ADVICE)
    for field in dict.fromkeys(field for field, _ in case.find(_MAY_CALL)):
        for number in phonenumbers.PhoneNumberMatcher(field.text, region, phonenumbers.Leniency.VALID):
            span = (number.start, number.end)
            yield found(PHONE_RULE, Severity.ERROR, field.path, field.text, span, _PHONE_ADVICE)
