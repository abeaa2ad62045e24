"""Amounts of money. Only the catalogue's own price of the product is accepted."""

import re
from collections.abc import Iterator

from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.pattern_search import SearchPattern

RULE = "price"
_ADVICE = "write no amounts of money; prices come from the catalogue"

_CODES = {"£": "GBP", "€": "EUR", "$": "USD"}
_AMOUNT = r"\d(?:[\d.,'\u00a0\u202f]*\d)?"
_CURRENCY = r"[£€$]|(?:EUR|GBP|USD|CHF|euros?|dollars?|dólares|dollari|pounds sterling|quid)\b"
_PRICE = SearchPattern(
    re.compile(
        rf"(?:[£€$]|\b(?:EUR|GBP|USD|CHF))\s?(?P<a>{_AMOUNT})(?:\s?[-–]\s?[£€$]?{_AMOUNT})?"
        rf"|(?<!\d)(?P<b>{_AMOUNT})(?:,[-–])?[\s\u00a0]?(?:{_CURRENCY})",
        re.IGNORECASE,
    )
)


def patterns(_: str) -> tuple[SearchPattern, ...]:
    return (_PRICE,)


def check(context: CheckContext) -> Iterator[Finding]:
    """Every amount of money other than the product's price in its currency."""
    for field, match in context.find(_PRICE):
        if not _is_catalogue_price(match, context):
            yield finding_at(RULE, Severity.ERROR, field.path, field.text, match.span(), _ADVICE)


def _is_catalogue_price(match: re.Match[str], context: CheckContext) -> bool:
    price, currency = context.source.price, context.source.currency
    if price is None or currency is None:
        return False
    of_symbol = next((code for symbol, code in _CODES.items() if symbol in match[0]), None)
    code = of_symbol or next((code for code in ("EUR", "GBP", "USD", "CHF") if code in match[0].upper()), "")
    amount = match["a"] or match["b"]
    digits = re.sub(r"\D", "", amount)
    expected = {f"{price:.2f}".replace(".", ""), f"{price:.0f}" if price == int(price) else ""}
    return digits in expected - {""} and currency.startswith(code[:3].upper())
