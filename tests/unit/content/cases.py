"""Cases for the checks: a product and texts of one field each."""

from collections.abc import Mapping, Sequence

from shared.content.fields import TextField
from shared.content.quality.case import Case, OtherProduct, Texts, subject_of
from shared.content.quality.findings import Finding
from shared.content.quality.limits import QualityLimits
from shared.models.product import Product
from tests.examples import product


def case(
    *texts: str | TextField,
    locale: str = "en-GB",
    about: Product | None = None,
    siblings: Mapping[str, Texts] | None = None,
    others: Sequence[OtherProduct] = (),
    limits: QualityLimits | None = None,
) -> Case:
    """A case of some texts, each in a field of its own where no field is named."""
    fields = tuple(
        text if isinstance(text, TextField) else TextField(f"field.{index}", text)
        for index, text in enumerate(texts)
    )
    return Case(
        subject_of(about or product()), locale, fields, siblings or {}, others, limits or QualityLimits()
    )


def words(findings: Sequence[Finding] | object) -> list[str]:
    """The words of findings; each must be what its offsets say."""
    return [finding.words for finding in list(findings)]  # type: ignore[call-overload]
