"""Runs all rules on the texts of one locale, and computes its score from their findings."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from shared.content.quality import (
    accessories,
    address_form,
    addresses,
    boilerplate,
    copied_text,
    dates,
    foreign_letters,
    glossary,
    identifiers,
    language,
    list_repetition,
    marketing_claims,
    markup,
    naming,
    numbers,
    price_mentions,
    ratings,
    record_talk,
    repetition,
    spelling,
    text_lengths,
)
from shared.content.quality.check_context import CheckContext, OtherProduct, SourceRecord, read_source_record
from shared.content.quality.findings import Assessment, Finding, Severity
from shared.content.quality.limits import DEFAULT_LIMITS, QualityLimits
from shared.content.quality.locale_texts import LocaleTexts
from shared.content.quality.pattern_search import PatternSet
from shared.content.sections import LocaleContent
from shared.content.text_fields import text_fields
from shared.domain.content_plan import ContentPlan
from shared.domain.product import ProductRecord

# Rules that search for patterns. One pass over the texts searches the patterns of all of them.
PATTERN_RULES = (
    markup, foreign_letters, addresses, price_mentions, identifiers, dates, ratings, marketing_claims,
    numbers, accessories, naming, spelling, glossary, text_lengths, record_talk, address_form,
)  # fmt: skip
RULES = (
    *(rule.check for rule in PATTERN_RULES),
    language.check,
    copied_text.check,
    repetition.check,
    list_repetition.check,
    boilerplate.check,
)

# The score that a finding costs.
_COST = {Severity.ERROR: 30, Severity.WARNING: 4}
# The most that the warnings of one rule cost together: ten misspellings are usually one repeated mistake.
_MAX_COST_OF_WARNINGS = 16


def check_content(
    product: ProductRecord,
    locale: str,
    content: LocaleContent,
    siblings: Mapping[str, LocaleContent] | None = None,
    *,
    others: Sequence[OtherProduct] = (),
    limits: QualityLimits = DEFAULT_LIMITS,
    plan: ContentPlan | None = None,
) -> Assessment:
    """Check the content of `product` in `locale`.

    `siblings` is the product's content in other locales, as far as it exists. `others` are the texts of other
    products in the same locale, which are searched for the same sentences (boilerplate). `plan` is what was
    asked for.
    """
    source = read_source_record(product)
    texts = read_locale_texts(source, {**(siblings or {}), locale: content})
    return run_checks(build_context(source, locale, texts, others, limits, plan))


def read_locale_texts(source: SourceRecord, contents: Mapping[str, LocaleContent]) -> dict[str, LocaleTexts]:
    """The texts of a product by locale, read once because each locale is compared with the others."""
    return {
        locale: LocaleTexts(text_fields(content), source.name_words) for locale, content in contents.items()
    }


def build_context(
    source: SourceRecord,
    locale: str,
    texts: Mapping[str, LocaleTexts],
    others: Sequence[OtherProduct] = (),
    limits: QualityLimits = DEFAULT_LIMITS,
    plan: ContentPlan | None = None,
) -> CheckContext:
    """The context for the checks of one locale. `texts` holds the product's texts in all locales."""
    siblings = {name: sibling for name, sibling in texts.items() if name != locale}
    return CheckContext(source, locale, texts[locale], siblings, others, limits, plan)


def run_checks(context: CheckContext) -> Assessment:
    """Run all rules on the texts of a context. The fields may have any paths."""
    context.search_all(pattern_set(context.locale))
    findings = tuple(finding for rule in RULES for finding in rule(context))
    return Assessment(score=_score(findings), findings=findings)


@lru_cache(maxsize=16)
def pattern_set(locale: str) -> PatternSet:
    """The patterns of all rules for a locale."""
    return PatternSet(pattern for rule in PATTERN_RULES for pattern in rule.patterns(locale))


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
    cost = errors * _COST[Severity.ERROR] + sum(
        min(count * _COST[Severity.WARNING], _MAX_COST_OF_WARNINGS) for count in warnings.values()
    )
    return max(0, 100 - cost)
