"""What the checks look at: one locale's texts beside the record, the other locales and other products."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from shared.content.locales import language_of
from shared.content.prompt_record import clean_record
from shared.content.quality.limits import DEFAULT_LIMITS, QualityLimits
from shared.content.quality.locale_texts import Reading
from shared.content.quality.number_reader import Quantity, read_numbers
from shared.content.quality.prefilter import Screen, Spotter
from shared.content.text_fields import TextField
from shared.content.word_counts import folded_words
from shared.domain.product import ProductRecord


@dataclass(frozen=True, eq=False)
class Subject:
    """The product as its record has it; made once for a product, so that what is known of it can be kept."""

    name: str
    brand: str
    sku: str
    price: float | None
    currency: str | None
    record: str
    numbers: tuple[Quantity, ...]
    # Lower-case words of name and brand, which are right in every language.
    name_words: frozenset[str]

    @cached_property
    def record_words(self) -> frozenset[str]:
        return frozenset(folded_words(self.record))

    @cached_property
    def model_words(self) -> list[str]:
        """The lower-case words of the name that are not the brand's."""
        brand = folded_words(self.brand)
        return [word for word in folded_words(self.name) if word not in brand]


@dataclass(frozen=True)
class OtherProduct:
    """The texts of another product in the same locale."""

    name: str
    texts: Reading


@dataclass(frozen=True)
class Case:
    """One locale's texts and all they are compared with."""

    subject: Subject
    locale: str
    texts: Reading
    siblings: Mapping[str, Reading] = field(default_factory=dict)
    others: Sequence[OtherProduct] = ()
    limits: QualityLimits = DEFAULT_LIMITS
    # Whether each pattern that was looked for may match.
    _looked_for: dict[Spotter, bool] = field(default_factory=dict, init=False, repr=False)

    @property
    def fields(self) -> tuple[TextField, ...]:
        return self.texts.fields

    def look_for(self, screen: Screen) -> None:
        """Look for many patterns at once, before rules ask for them one by one."""
        self._looked_for.update(dict.fromkeys(screen.spotters, False))
        self._looked_for.update(dict.fromkeys(screen.suspects(self.texts.text), True))

    def may_have(self, spotter: Spotter) -> bool:
        """Whether a pattern may match in one of the fields; most times it does not."""
        if spotter not in self._looked_for:
            self._looked_for[spotter] = spotter.may_match(self.texts.text)
        return self._looked_for[spotter]

    def find(self, spotter: Spotter) -> Iterator[tuple[TextField, re.Match[str]]]:
        """What a pattern finds in the fields."""
        for each in self.fields if self.may_have(spotter) else ():
            for match in spotter.pattern.finditer(each.text):
                yield each, match

    @cached_property
    def language(self) -> str:
        return language_of(self.locale)


def subject_of(product: ProductRecord) -> Subject:
    """The product as the checks see it; made once for its locales."""
    record = clean_record(product)
    specs = "; ".join(f"{key}: {value}" for key, value in record.get("specs", {}).items())
    parts = [record.get(key, "") for key in ("name", "brand", "category", "description")]
    return _subject(
        product.name, product.brand, product.sku, product.msrp_price, product.currency,
        "\n".join([*parts, specs]),
    )  # fmt: skip


@lru_cache(maxsize=256)
def _subject(
    name: str, brand: str, sku: str, price: float | None, currency: str | None, record: str
) -> Subject:
    # Records are mostly English with its decimal point, and the reader tries the comma too.
    numbers = tuple(read_numbers(record, "en", words_from=0))
    words = frozenset(folded_words(f"{name} {brand}"))
    return Subject(name, brand, sku, price, currency, record, numbers, words)
