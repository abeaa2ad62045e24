"""Prices as catalogues write them. A price that can be read in two ways is not read."""

import re
from typing import Any

from shared.catalogue.text_values import text_of

# In feeds these mean that the price is not stated, never that the product is free.
_UNKNOWN = frozenset({"", "poa", "n/a", "na", "null", "none", "-", "tba"})
_LONGEST = 40
# The currencies that a symbol may stand for in a catalogue.
_SYMBOLS = {
    "€": {"EUR"},
    "£": {"GBP"},
    "¥": {"JPY", "CNY"},
    "$": {"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP"},
}
_CODE = "[A-Z]{3}|[€£$¥]"
_CURRENCY = re.compile(
    rf"(?P<before>{_CODE})? ?(?P<amount>[0-9][0-9., '’]*(?:,-)?) ?(?P<after>{_CODE})?"  # noqa: RUF001
)
_PLAIN = re.compile(r"[0-9]{1,12}")
_DECIMAL = re.compile(r"(?P<whole>[0-9]{1,12})[.,](?P<part>[0-9]{1,6})")
# One separator for thousands, and another one for the decimal places.
_GROUPED = re.compile(
    r"(?P<whole>[0-9]{1,3}(?P<mark>[., '’])[0-9]{3}(?:(?P=mark)[0-9]{3}){0,3})"  # noqa: RUF001
    r"(?:(?P<point>[.,])(?P<part>[0-9]{1,2}))?"
)


class NotAPrice(ValueError):
    """A text that is no price, or could be two. The message says why."""


def read_price(value: Any, currency: str = "") -> float | None:
    """The price that a value states. None when it states none, which feeds write as 0 too.

    `1.299` and `1,299` are refused: the separator may be one of thousands or of decimal places. A JSON
    number has one meaning. `currency` is the row's currency; a price in another one is refused.

    Raises:
        NotAPrice: when it cannot be read.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not 0 <= value < 10**12:  # also refuses NaN
            raise NotAPrice(f"{str(value)[:_LONGEST]!r} is not a price")
        return float(value) or None
    text = text_of(value)
    if text.lower() in _UNKNOWN:
        return None
    stated = _CURRENCY.fullmatch(text) if len(text) <= _LONGEST else None
    if stated is None:
        raise _not_a_price(text)
    codes = [_SYMBOLS.get(code, {code}) for code in stated.group("before", "after") if code]
    if currency and any(currency not in possible for possible in codes):
        raise NotAPrice(f"{text!r} is not in the row's currency, {currency}")
    return _amount(stated["amount"].strip().replace(",-", ",00"), text) or None


def _amount(amount: str, text: str) -> float:
    if _PLAIN.fullmatch(amount):
        return float(amount)
    grouped = _GROUPED.fullmatch(amount)
    if grouped and grouped["point"] != grouped["mark"] and not amount.startswith("0"):
        whole = re.sub("[^0-9]", "", grouped["whole"])
        is_single = grouped["point"] is None and len(whole) <= 6
        if is_single and grouped["mark"] in ".,":
            raise NotAPrice(f"{text!r} is ambiguous: write {whole}.00 or {amount.replace(',', '.')}0")
        return float(f"{whole}.{grouped['part'] or 0}")
    decimal = _DECIMAL.fullmatch(amount)
    if decimal is None:
        raise _not_a_price(text)
    return float(f"{decimal['whole']}.{decimal['part']}")


def _not_a_price(text: str) -> NotAPrice:
    return NotAPrice(f"{text[:_LONGEST]!r} is not a price; write a number such as 199.00")
