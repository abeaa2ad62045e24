"""Prices as catalogues write them."""

import re
import time

import pytest

from shared.catalogue.price_reading import NotAPrice, read_price


@pytest.mark.parametrize(
    ("written", "price"),
    [
        ("199", 199.0),
        ("199.0", 199.0),
        ("199,9", 199.9),
        ("599,00", 599.0),
        ("1.299,95", 1299.95),
        ("1,299.95", 1299.95),
        ("12.345.678,00", 12345678.0),
        ("1.299.000", 1299000.0),
        ("1'299.00", 1299.0),
        ("1 299,00", 1299.0),
        ("1\u00a0299 €", 1299.0),
        ("1299.000", 1299.0),
        ("0.999", 0.999),
        ("199,-", 199.0),
        ("1.299,-", 1299.0),
        ("€ 1.299,00", 1299.0),
        ("EUR 199.00", 199.0),
        ("$5", 5.0),
        (1.299, 1.299),
        (1299, 1299.0),
    ],
)
def test_a_price_with_one_meaning_is_read(written: object, price: float) -> None:
    assert read_price(written) == price


@pytest.mark.parametrize("written", ["0.0", "0", "0,00", "", None, "POA", "n/a", 0, -0.0])
def test_a_price_that_is_not_stated_is_unknown_and_never_free(written: object) -> None:
    assert read_price(written) is None


@pytest.mark.parametrize("written", ["1.299", "1,299", "199.000", "12.345 €"])
def test_a_price_with_two_meanings_is_refused(written: str) -> None:
    with pytest.raises(NotAPrice, match="ambiguous"):
        read_price(written)


@pytest.mark.parametrize(
    "written",
    [
        "abc", "1_000", "1e3", "-5", "inf", "nan", "\uff11\uff12\uff19\uff19", "\u0663", "1.29,00",
        "1,2,3", "1.299.00", "5%", "0x10", "1.", ".5", "ab 5", "9" * 13, True, float("nan"),
        float("inf"), -1, 10**400, "1" * 100_000,
    ],
)  # fmt: skip
def test_text_that_is_no_price_is_refused(written: object) -> None:
    with pytest.raises(NotAPrice, match="not a price"):
        read_price(written)


def test_a_price_in_another_currency_than_the_row_is_refused() -> None:
    assert read_price("199 €", "EUR") == 199.0
    with pytest.raises(NotAPrice, match=re.escape("'199 €' is not in the row's currency, GBP")):
        read_price("199 €", "GBP")


@pytest.mark.parametrize(("written", "right", "wrong"), [("$12", "CAD", "EUR"), ("¥ 900", "CNY", "USD")])
def test_a_symbol_of_several_currencies_stands_for_these_alone(written: str, right: str, wrong: str) -> None:
    assert read_price(written, right)
    with pytest.raises(NotAPrice, match=f"not in the row's currency, {wrong}"):
        read_price(written, wrong)


@pytest.mark.parametrize("piece", ["1", "1.", "1,234", " ", "'", "€"])
def test_a_long_text_takes_no_time(piece: str) -> None:
    begin = time.process_time()
    with pytest.raises(NotAPrice):
        read_price("1" + piece * 200_000 + "x")
    assert time.process_time() - begin < 1
