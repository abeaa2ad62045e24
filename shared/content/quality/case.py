"""What the checks look at: one locale's texts beside the record, the other locales and other products."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from shared.content.fields import TextField
from shared.content.locales import language_of
from shared.content.quality.limits import DEFAULT_LIMITS, QualityLimits
from shared.content.quality.number_reader import Quantity, read_numbers
from shared.content.quality.spotting import Spotter, whole_text
from shared.content.records import clean_record
from shared.content.words import words_of
from shared.models.product import ProductRecord

_DIGIT = re.compile(r"[\d½¼¾⅛⅜⅝⅞]")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[\w¿¡«“\"(])")

Texts = tuple[TextField, ...]


@dataclass(frozen=True)
class Subject:
    """The product as its record has it."""

    name: str
    brand: str
    sku: str
    price: float | None
    currency: str | None
    record: str
    numbers: tuple[Quantity, ...]
    # Lower-case words of name and brand, which are right in every language.
    name_words: frozenset[str]


@dataclass(frozen=True)
class OtherProduct:
    """The published texts of another product in the same locale: path of the field → text."""

    name: str
    brand: str
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """One locale's texts and all they are compared with."""

    subject: Subject
    locale: str
    fields: Texts
    siblings: Mapping[str, Texts] = field(default_factory=dict)
    others: Sequence[OtherProduct] = ()
    limits: QualityLimits = DEFAULT_LIMITS

    @cached_property
    def fields_with_digits(self) -> Texts:
        """The few fields that rules of figures have to look at."""
        return tuple(field for field in self.fields if _DIGIT.search(field.text))

    @cached_property
    def text(self) -> str:
        """All fields, one a line."""
        return whole_text(self.fields)

    def find(self, spotter: Spotter) -> Iterator[tuple[TextField, re.Match[str]]]:
        """What a pattern finds in the fields."""
        return spotter.find(self.fields, self.text)

    @property
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
    numbers = tuple(read_numbers(record, "en", small_words=True))
    words = frozenset(word.casefold() for word in words_of(f"{name} {brand}"))
    return Subject(name, brand, sku, price, currency, record, numbers, words)


@lru_cache(maxsize=8192)
def own_words(text: str, names: frozenset[str]) -> tuple[str, ...]:
    """The words of a text without those of the product's name, which are the same in every language."""
    return tuple(word for word in words_of(text) if word.casefold() not in names)


@lru_cache(maxsize=4096)
def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a text."""
    return tuple(_SENTENCE_END.split(text))
