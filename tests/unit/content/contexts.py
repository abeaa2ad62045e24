"""Inputs for tests of the checks: contexts made of a product and texts, and the findings of one rule."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from shared.content.quality.check_context import CheckContext, OtherProduct, read_source_record
from shared.content.quality.findings import Finding
from shared.content.quality.limits import QualityLimits
from shared.content.quality.locale_texts import LocaleTexts
from shared.content.text_fields import TextField
from shared.domain.product import Product, ProductRecord
from tests.examples import product

VIOLIN_BASS = product(
    name="Höfner Shorty Violin Bass 1963",
    brand="Höfner",
    sku="HOF-99812",
    description="A classic of the '80s, in its colour since 2019. With gig bag.",
    msrp_price=499.0,
    currency="EUR",
)

Rule = Callable[[CheckContext], Iterator[Finding]]


def make_context(
    *texts: str | TextField,
    locale: str = "en-GB",
    about: Product | None = None,
    siblings: Mapping[str, Sequence[TextField]] | None = None,
    others: Sequence[OtherProduct] = (),
    limits: QualityLimits | None = None,
) -> CheckContext:
    """The context of some texts. A text without a field gets a field of its own."""
    fields = tuple(
        text if isinstance(text, TextField) else TextField(f"field.{index}", text)
        for index, text in enumerate(texts)
    )
    return make_product_context(about or product(), locale, fields, siblings, others, limits)


def make_product_context(
    about: ProductRecord,
    locale: str,
    fields: Sequence[TextField],
    siblings: Mapping[str, Sequence[TextField]] | None = None,
    others: Sequence[OtherProduct] = (),
    limits: QualityLimits | None = None,
) -> CheckContext:
    """The context of one locale of a product, with its other locales as `siblings`."""
    source = read_source_record(about)
    texts = LocaleTexts(fields, source.name_words)
    sibling_texts = {name: LocaleTexts(each, source.name_words) for name, each in (siblings or {}).items()}
    return CheckContext(source, locale, texts, sibling_texts, others, limits or QualityLimits())


def other_product(name: str, fields: Sequence[TextField], brand: str = "Ardena") -> OtherProduct:
    """Another product, for the search for boilerplate."""
    names = read_source_record(product(name=name, brand=brand)).name_words
    return OtherProduct(name, LocaleTexts(fields, names))


def findings_of(
    rule: Rule, text: str, locale: str = "en-GB", about: Product = VIOLIN_BASS
) -> list[tuple[str, str]]:
    """Rule and words of each finding of a rule. Asserts that the words are at the offsets of the finding."""
    findings = list(rule(make_context(text, locale=locale, about=about)))
    for finding in findings:
        assert finding.advice
        assert finding.field in ("field.0", "")
        if finding.field:
            assert text[finding.start : finding.end].startswith(finding.words.removesuffix("…"))
    return [(finding.rule, finding.words) for finding in findings]
