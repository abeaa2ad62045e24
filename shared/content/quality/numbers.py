"""Numbers and units that are not in the record: specifications that the model made up.

A number is sourced when the record has it with the same unit, with a unit that converts to it within 2 %,
or without one. One that measures the product (27 kg, 24 bit) is an error, others are warnings, and several of
them an error.
"""

import re
from collections.abc import Iterator, Sequence

from shared.content.locales import language_of
from shared.content.quality import dates, identifiers, price_mentions, ratings
from shared.content.quality.check_case import Case, Subject
from shared.content.quality.findings import Finding, Severity, found
from shared.content.quality.number_reader import DIGIT, FROM_TEN, Quantity, number_words, read_numbers
from shared.content.quality.prefilter import Spotter
from shared.content.text_fields import TextField

RULE = "unsourced_number"
_ADVICE = "leave the figure out; the record does not have it"

# Figures of general knowledge that are right for any product: plugs, sizes of instruments, concert pitch.
_KNOWN: tuple[tuple[float, str | None], ...] = (
    (6.35, "length"), (6.3, "length"), (3.5, "length"), (440.0, "frequency"), (442.0, "frequency"),
    (100.0, "share"),
)  # fmt: skip
_FRACTIONS = frozenset({0.25, 0.125, 0.5, 0.75, 0.875, 1.0})
_FRACTION = re.compile(r"\d/\d|[½¼¾⅛⅞]")
# Humidity for wooden instruments, and the blues of twelve bars.
_HUMIDITY = (40.0, 60.0)
_PERCENTS = re.compile(
    r"(\d{2})\s?%?\s?(?:[-–]|to|and|bis|und|y|a|à|et|e)\s?(\d{2})\s?(?:%|per|por|pour|Proz)"
)
_BARS = re.compile(r"12[- ](?:bar|takt|compases|mesures|misure|compassos|battute)", re.IGNORECASE)
# What a shopper would take for a specification. Hours of practice, beats and room temperatures are none, and
# care has measures of its own ("a metre from the radiator").
_SPECIFICATIONS = frozenset(
    {
        "length", "mass", "power", "voltage", "current", "frequency", "level", "resistance", "depth",
        "memory", "charge",
    }
)  # fmt: skip
_CARE = "maintenance_care."
_TOLERANCE = 0.02
# So much may rounding take, where the unit is the same.
_ROUNDING = 0.005


def spotters(locale: str) -> tuple[Spotter, ...]:
    return (number_words(language_of(locale)),)


def check(case: Case) -> Iterator[Finding]:
    """Every number of the texts that the record does not have."""
    in_words = case.may_have(number_words(case.language))
    masks = [spotter.pattern for spotter in _others_figures(case.locale) if case.may_have(spotter)]
    unsourced = [
        (field, quantity)
        for field in (case.fields if in_words else _with_figures(case))
        for quantity in read_numbers(
            _masked(field.text, masks), case.language, words_from=FROM_TEN if in_words else None
        )
        if not _known(quantity, field.text) and not is_sourced(quantity, case.subject)
    ]
    many = len(unsourced) >= case.limits.unsourced_numbers
    for field, quantity in unsourced:
        specification = quantity.unit is not None and quantity.unit.dimension in _SPECIFICATIONS
        misleads = many or (specification and not field.path.startswith(_CARE))
        severity = Severity.ERROR if misleads else Severity.WARNING
        yield found(RULE, severity, field.path, field.text, (quantity.start, quantity.end), _ADVICE)


def _with_figures(case: Case) -> Iterator[TextField]:
    """The fields with digits, without those that have them in the product's name alone."""
    name = case.subject.name
    # Behind a name that ends in a digit could stand a unit.
    known = name if name and not name[-1].isdigit() else None
    for field in case.fields:
        if DIGIT.search(field.text.replace(known, "") if known else field.text):
            yield field


def is_sourced(quantity: Quantity, subject: Subject) -> bool:
    """Whether the record has the quantity."""
    return any(_same(quantity, source) for source in subject.numbers)


def _same(quantity: Quantity, source: Quantity) -> bool:
    if quantity.unit is None or source.unit is None:
        return any(_near(a, b, _ROUNDING) for a in quantity.values for b in source.values)
    if quantity.unit.dimension != source.unit.dimension:
        return False
    tolerance = _ROUNDING if quantity.unit == source.unit else _TOLERANCE
    return any(
        _near(a * quantity.unit.factor, b * source.unit.factor, tolerance)
        for a in quantity.values
        for b in source.values
    )


def _near(one: float, other: float, tolerance: float) -> bool:
    return abs(one - other) <= tolerance * max(abs(one), abs(other))


def _known(quantity: Quantity, text: str) -> bool:
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
        # Zero says that there is none of something; one is as often an article.
        return value in (0.0, 1.0)
    if unit.dimension == "share" and _HUMIDITY[0] <= value <= _HUMIDITY[1]:
        return True
    return any(
        _near(value * unit.factor, known, 0.001) and unit.dimension == dimension
        for known, dimension in _KNOWN
    )


def _others_figures(locale: str) -> tuple[Spotter, ...]:
    """What other rules read as dates, prices, ratings or identifiers."""
    return (*dates.spotters(locale), *price_mentions.spotters(locale), *ratings.SCORES, identifiers.DIGITS)


def _masked(text: str, masks: Sequence[re.Pattern[str]]) -> str:
    """The text without what other rules look into; offsets stay."""
    for pattern in masks:
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    return text
