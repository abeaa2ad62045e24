"""Numbers that are not in the record: specifications that the model invented.

A number has a source when the record states it with the same unit, with a unit that converts to it within
2 %, or without a unit. A measurement of the product without a source (27 kg, 24 bit) is an error. Other
numbers are warnings, and errors when there are several of them.
"""

import re
from collections.abc import Iterator, Sequence

from shared.content.locales import language_of
from shared.content.quality import dates, identifiers, price_mentions, ratings
from shared.content.quality.check_context import CheckContext, SourceRecord
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.number_reader import (
    DIGIT,
    MIN_WORD_VALUE,
    Quantity,
    number_word_pattern,
    read_numbers,
)
from shared.content.quality.pattern_search import SearchPattern
from shared.content.text_fields import TextField

RULE = "unsourced_number"
_ADVICE = "leave the figure out; the record does not have it"

# Figures of general knowledge, which are right for any product: plugs, sizes of instruments, concert pitch.
_GENERAL_KNOWLEDGE: tuple[tuple[float, str | None], ...] = (
    (6.35, "length"), (6.3, "length"), (3.5, "length"), (440.0, "frequency"), (442.0, "frequency"),
    (100.0, "share"),
)  # fmt: skip
_FRACTIONS = frozenset({0.25, 0.125, 0.5, 0.75, 0.875, 1.0})
_FRACTION = re.compile(r"\d/\d|[½¼¾⅛⅞]")
# The range of humidity for wooden instruments, in percent.
_HUMIDITY = (40.0, 60.0)
_PERCENTS = re.compile(
    r"(\d{2})\s?%?\s?(?:[-–]|to|and|bis|und|y|a|à|et|e)\s?(\d{2})\s?(?:%|per|por|pour|Proz)"
)
# The twelve-bar blues.
_BARS = re.compile(r"12[- ](?:bar|takt|compases|mesures|misure|compassos|battute)", re.IGNORECASE)
# Dimensions that a shopper would read as a specification. Hours of practice, tempos and room temperatures are
# not among them. Texts about care may state measures of their own ("a metre from the radiator").
_SPECIFICATIONS = frozenset(
    {
        "length", "mass", "power", "voltage", "current", "frequency", "level", "resistance", "depth",
        "memory", "charge",
    }
)  # fmt: skip
_CARE = "maintenance_care."
# The relative difference that a conversion between units may cause.
_CONVERSION_TOLERANCE = 0.02
# The relative difference that rounding may cause when no unit is converted.
_ROUNDING_TOLERANCE = 0.005


def patterns(locale: str) -> tuple[SearchPattern, ...]:
    return (number_word_pattern(language_of(locale)),)


def check(context: CheckContext) -> Iterator[Finding]:
    """Every number in the texts that the record does not state."""
    has_number_words = context.may_match(number_word_pattern(context.language))
    masks = [p.regex for p in _patterns_of_other_rules(context.locale) if context.may_match(p)]
    unsourced = [
        (field, quantity)
        for field in (context.fields if has_number_words else _fields_with_digits(context))
        for quantity in read_numbers(
            _mask(field.text, masks),
            context.language,
            min_word_value=MIN_WORD_VALUE if has_number_words else None,
        )
        if not _is_general_knowledge(quantity, field.text) and not is_sourced(quantity, context.source)
    ]
    too_many = len(unsourced) >= context.limits.unsourced_numbers
    for field, quantity in unsourced:
        is_measurement = quantity.unit is not None and quantity.unit.dimension in _SPECIFICATIONS
        is_error = too_many or (is_measurement and not field.path.startswith(_CARE))
        severity = Severity.ERROR if is_error else Severity.WARNING
        yield finding_at(RULE, severity, field.path, field.text, (quantity.start, quantity.end), _ADVICE)


def _fields_with_digits(context: CheckContext) -> Iterator[TextField]:
    """The fields with digits outside of the product's name."""
    name = context.source.name
    # A name that ends in a digit is not removed: a unit may follow it.
    removed = name if name and not name[-1].isdigit() else None
    for field in context.fields:
        if DIGIT.search(field.text.replace(removed, "") if removed else field.text):
            yield field


def is_sourced(quantity: Quantity, source: SourceRecord) -> bool:
    """Whether the record states the quantity."""
    return any(_is_same(quantity, stated) for stated in source.numbers)


def _is_same(quantity: Quantity, stated: Quantity) -> bool:
    if quantity.unit is None or stated.unit is None:
        return any(_is_near(a, b, _ROUNDING_TOLERANCE) for a in quantity.values for b in stated.values)
    if quantity.unit.dimension != stated.unit.dimension:
        return False
    tolerance = _ROUNDING_TOLERANCE if quantity.unit == stated.unit else _CONVERSION_TOLERANCE
    return any(
        _is_near(a * quantity.unit.factor, b * stated.unit.factor, tolerance)
        for a in quantity.values
        for b in stated.values
    )


def _is_near(one: float, other: float, tolerance: float) -> bool:
    return abs(one - other) <= tolerance * max(abs(one), abs(other))


def _is_general_knowledge(quantity: Quantity, text: str) -> bool:
    value, unit = quantity.values[0], quantity.unit
    written = text[quantity.start : quantity.end]
    if _FRACTION.search(written) and value in _FRACTIONS:
        return True
    if _BARS.match(text, quantity.start):
        return True
    percents = _PERCENTS.match(text, quantity.start)
    if percents and all(_HUMIDITY[0] <= float(each) <= _HUMIDITY[1] for each in percents.groups()):
        return True
    if unit is None:
        # Zero states that something is absent, and one may be an article.
        return value in (0.0, 1.0)
    if unit.dimension == "share" and _HUMIDITY[0] <= value <= _HUMIDITY[1]:
        return True
    return any(
        _is_near(value * unit.factor, known, 0.001) and unit.dimension == dimension
        for known, dimension in _GENERAL_KNOWLEDGE
    )


def _patterns_of_other_rules(locale: str) -> tuple[SearchPattern, ...]:
    """The patterns by which other rules find dates, prices, ratings and identifiers."""
    return (*dates.patterns(locale), *price_mentions.patterns(locale), *ratings.SCORES, identifiers.DIGITS)


def _mask(text: str, masks: Sequence[re.Pattern[str]]) -> str:
    """The text with blanks in place of all matches of `masks`, so that offsets stay the same."""
    for pattern in masks:
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    return text
