"""Prices: none belongs into a text, and none but the catalogue's own is let through."""

import re
from collections.abc import Iterator

from shared.content.quality.check_case import Case
from shared.content.quality.findings import Finding, Severity, found
from shared.content.quality.prefilter import Spotter

RULE = "price"
_ADVICE = "write no amounts of money; prices come from the catalogue"

_CODES = {"£": "GBP", "€": "EUR", "$": "USD"}
_AMOUNT = r"\d(?:[\d.,'\u00a0\u202f]*\d)?"
_CURRENCY = r"[£€$]|(?:EUR|GBP|USD|CHF|euros?|dollars?|dólares|dollari|pounds sterling|quid)\b"
_PRICE = Spotter(
    re.compile(
        rf"(?:[£€$]|\b(?:EUR|GBP|USD|CHF))\s?(?P<a>{_AMOUNT})(?:\s?[-–]\s?[£€$]?{_AMOUNT})?"
        rf"|(?P<b>{_AMOUNT})(?:,[-–])?[\s\u00a0]?(?:{_CURRENCY})",
        re.IGNORECASE,
    )
)


def spotters(_: str) -> tuple[Spotter, ...]:
    return (_PRICE,)


def check(case: Case) -> Iterator[Finding]:
    """Every amount of money that is not the product's price in its currency."""
    for field, match in case.find(_PRICE):
        if not _is_given(match, case):
            yield found(RULE, Severity.ERROR, field.path, field.text, match.span(), _ADVICE)


def _is_given(match: re.Match[str], case: Case) -> bool:
    price, currency = case.subject.price, case.subject.currency
    if price is None or currency is None:
        return False
    symbol = next((code for sign, code in _CODES.items() if sign in match[0]), None)
    named = symbol or next((code for code in ("EUR", "GBP", "USD", "CHF") if code in match[0].upper()), "")
    amount = match["a"] or match["b"]
    digits = re.sub(r"\D", "", amount)
    given = {f"{price:.2f}".replace(".", ""), f"{price:.0f}" if price == int(price) else ""}
    return digits in given - {""} and currency.startswith(named[:3].upper())
