"""Assessing one locale: all rules over its texts, and a score with every reason."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from shared.content.quality import (
    accessories,
    addresses,
    boilerplate,
    copied_text,
    dates,
    glossary,
    identifiers,
    language,
    marketing_claims,
    markup,
    naming,
    numbers,
    price_mentions,
    ratings,
    repetition,
    spelling,
    text_lengths,
)
from shared.content.quality.check_case import Case, OtherProduct, Subject, subject_of
from shared.content.quality.findings import Assessment, Finding, Severity
from shared.content.quality.limits import DEFAULT_LIMITS, QualityLimits
from shared.content.quality.locale_texts import Reading
from shared.content.quality.prefilter import Screen
from shared.content.sections import LocaleContent
from shared.content.text_fields import text_fields
from shared.domain.product import ProductRecord

# Rules that look for patterns, all of which one reading of a text looks for.
WITH_PATTERNS = (
    markup, addresses, price_mentions, identifiers, dates, ratings, marketing_claims, numbers, accessories,
    naming, spelling, glossary, text_lengths,
)  # fmt: skip
RULES = (
    *(rule.check for rule in WITH_PATTERNS),
    language.check,
    copied_text.check,
    repetition.check,
    boilerplate.check,
)

# What a finding costs, and the most that one rule can cost by its warnings: ten misspellings are one habit.
_COST = {Severity.ERROR: 30, Severity.WARNING: 4}
_MOST_BY_WARNINGS = 16


def assess(
    product: ProductRecord,
    locale: str,
    content: LocaleContent,
    siblings: Mapping[str, LocaleContent] | None = None,
    *,
    others: Sequence[OtherProduct] = (),
    limits: QualityLimits = DEFAULT_LIMITS,
) -> Assessment:
    """The worth of what was written for `product` in `locale`.

    `siblings` are the product's other locales, as far as they are there; `others` the texts of other
    products in the same locale, which boilerplate is looked for in.
    """
    subject = subject_of(product)
    readings = readings_of(subject, {**(siblings or {}), locale: content})
    return assess_texts(case_of(subject, locale, readings, others, limits))


def readings_of(subject: Subject, contents: Mapping[str, LocaleContent]) -> dict[str, Reading]:
    """The texts of a product's locales; made once for all of them, since each is compared with the others."""
    return {locale: Reading(text_fields(each), subject.name_words) for locale, each in contents.items()}


def case_of(
    subject: Subject,
    locale: str,
    readings: Mapping[str, Reading],
    others: Sequence[OtherProduct] = (),
    limits: QualityLimits = DEFAULT_LIMITS,
) -> Case:
    """The case of one locale among the texts of all locales."""
    siblings = {name: each for name, each in readings.items() if name != locale}
    return Case(subject, locale, readings[locale], siblings, others, limits)


def assess_texts(case: Case) -> Assessment:
    """The same for texts of any shape."""
    case.look_for(screen_of(case.locale))
    findings = tuple(finding for rule in RULES for finding in rule(case))
    return Assessment(score=_score(findings), findings=findings)


@lru_cache(maxsize=16)
def screen_of(locale: str) -> Screen:
    """All patterns that rules look for in a locale."""
    return Screen(spotter for rule in WITH_PATTERNS for spotter in rule.spotters(locale))


def joined(assessment: Assessment, findings: Sequence[Finding]) -> Assessment:
    """An assessment with further findings, such as a reader's, and the score of all of them."""
    together = (*assessment.findings, *findings)
    return Assessment(score=_score(together), findings=together)


def _score(findings: Sequence[Finding]) -> int:
    errors = sum(finding.severity == Severity.ERROR for finding in findings)
    warnings: dict[str, int] = {}
    for finding in findings:
        if finding.severity == Severity.WARNING:
            warnings[finding.rule] = warnings.get(finding.rule, 0) + 1
    lost = errors * _COST[Severity.ERROR] + sum(
        min(count * _COST[Severity.WARNING], _MOST_BY_WARNINGS) for count in warnings.values()
    )
    return max(0, 100 - lost)
