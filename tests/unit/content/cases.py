"""Cases for the checks: a product, texts of one field each, and what a rule finds in them."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from shared.content.quality.check_case import Case, OtherProduct, subject_of
from shared.content.quality.findings import Finding
from shared.content.quality.limits import QualityLimits
from shared.content.quality.locale_texts import Reading
from shared.content.text_fields import TextField
from shared.domain.product import Product, ProductRecord
from tests.examples import product

ABOUT = product(
    name="Höfner Shorty Violin Bass 1963",
    brand="Höfner",
    sku="HOF-99812",
    description="A classic of the '80s, in its colour since 2019. With gig bag.",
    msrp_price=499.0,
    currency="EUR",
)

Rule = Callable[[Case], Iterator[Finding]]


def case(
    *texts: str | TextField,
    locale: str = "en-GB",
    about: Product | None = None,
    siblings: Mapping[str, Sequence[TextField]] | None = None,
    others: Sequence[OtherProduct] = (),
    limits: QualityLimits | None = None,
) -> Case:
    """A case of some texts, each in a field of its own where no field is named."""
    fields = tuple(
        text if isinstance(text, TextField) else TextField(f"field.{index}", text)
        for index, text in enumerate(texts)
    )
    return about_case(about or product(), locale, fields, siblings, others, limits)


def about_case(
    about: ProductRecord,
    locale: str,
    fields: Sequence[TextField],
    siblings: Mapping[str, Sequence[TextField]] | None = None,
    others: Sequence[OtherProduct] = (),
    limits: QualityLimits | None = None,
) -> Case:
    """The case of one locale of a product, and its other locales."""
    subject = subject_of(about)
    readings = {name: Reading(each, subject.name_words) for name, each in (siblings or {}).items()}
    reading = Reading(fields, subject.name_words)
    return Case(subject, locale, reading, readings, others, limits or QualityLimits())


def other_product(name: str, fields: Sequence[TextField], brand: str = "Ardena") -> OtherProduct:
    """Another product with its texts."""
    names = subject_of(product(name=name, brand=brand)).name_words
    return OtherProduct(name, Reading(fields, names))


def found(rule: Rule, text: str, locale: str = "en-GB", about: Product = ABOUT) -> list[tuple[str, str]]:
    """Rule and words of each finding; the words must stand where its offsets say."""
    findings = list(rule(case(text, locale=locale, about=about)))
    for finding in findings:
        assert finding.advice
        assert finding.field in ("field.0", "")
        if finding.field:
            assert text[finding.start : finding.end].startswith(finding.words.removesuffix("…"))
    return [(finding.rule, finding.words) for finding in findings]
