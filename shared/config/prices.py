"""Prices of models, in USD per million tokens, at batch price."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_MILLION = 1_000_000
_DATE = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_FORM = "must be prices such as gpt-4.1=1/1/4: model=input/cached input/output, with commas"


@dataclass(frozen=True)
class Price:
    """USD per million tokens: input, input that Azure served from its cache, and output."""

    input: float
    cached: float
    output: float

    def of(self, prompt_tokens: int, completion_tokens: int, cached_tokens: int = 0) -> float:
        """The cost in USD. `cached_tokens` are part of `prompt_tokens`."""
        fresh = prompt_tokens - cached_tokens
        spent = fresh * self.input + cached_tokens * self.cached + completion_tokens * self.output
        return spent / _MILLION

    def times(self, factor: float) -> "Price":
        """The price multiplied by a factor."""
        return Price(self.input * factor, self.cached * factor, self.output * factor)


# Prices of Global batch (../shared/reference/azure-openai-batch.md); a Data Zone costs about 10 % more. The
# price of input is used for cached input too where no source gives a price for it.
DEFAULTS: Mapping[str, Price] = {
    "gpt-4.1": Price(1.0, 1.0, 4.0),
    "gpt-4.1-mini": Price(0.2, 0.2, 0.8),
    "gpt-4.1-nano": Price(0.05, 0.05, 0.2),
    "gpt-4o-mini": Price(0.075, 0.075, 0.3),
    "gpt-5": Price(0.625, 0.625, 5.0),
    "gpt-5.1": Price(0.625, 0.625, 5.0),
    "gpt-5-mini": Price(0.125, 0.125, 1.0),
    "gpt-5.4-mini": Price(0.375, 0.375, 2.25),
    "gpt-5.4-nano": Price(0.1, 0.1, 0.625),
}


def read_prices(text: str) -> dict[str, Price]:
    """The defaults, replaced and extended by a text such as `gpt-4.1=1/1/4,our-model=2/0.5/8`.

    Raises:
        ValueError: when the text is not of that form, or a price is negative.
    """
    prices = dict(DEFAULTS)
    for part in filter(None, (part.strip() for part in text.split(","))):
        model, equals, numbers = part.partition("=")
        try:
            amounts = [float(number) for number in numbers.split("/")]
        except ValueError:
            raise ValueError(_FORM) from None
        if not (model.strip() and equals and len(amounts) == 3 and all(0 <= n < _MILLION for n in amounts)):
            raise ValueError(_FORM)
        prices[model.strip()] = Price(*amounts)
    return prices


def price_of(prices: Mapping[str, Price], model: str) -> Price | None:
    """A model's price, or None. Azure's answers add the date of the version (`gpt-4.1-2025-04-14`)."""
    return prices.get(model) or prices.get(_DATE.sub("", model))
