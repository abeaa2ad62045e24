"""The input of the checks: one locale's texts with everything that the rules compare them with."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from shared.content.locales import language_of
from shared.content.prompt_record import build_prompt_record
from shared.content.quality.limits import DEFAULT_LIMITS, QualityLimits
from shared.content.quality.locale_texts import LocaleTexts
from shared.content.quality.number_reader import Quantity, read_numbers
from shared.content.quality.pattern_search import PatternSet, SearchPattern
from shared.content.text_fields import TextField
from shared.content.word_counts import folded_words
from shared.domain.content_plan import ContentPlan
from shared.domain.product import ProductRecord

_UNIT_OF_NAME = re.compile(
    r"[\s_([](mm|cm|m|inch|inches|kg|g|lbs?|oz|w|kw|v|ma|hz|khz|db|ohms?)[)\]]?$", re.IGNORECASE
)
_BARE_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,6})?")


@dataclass(frozen=True, eq=False)
class SourceRecord:
    """The product's record, the source of all facts in its texts. One instance serves all its locales.

    `text` is the cleaned record that the model saw, `numbers` are the numbers in it. `name_words` are the
    case-folded words of name and brand, which are valid in every language.
    """

    name: str
    brand: str
    sku: str
    price: float | None
    currency: str | None
    text: str
    numbers: tuple[Quantity, ...]
    name_words: frozenset[str]

    @cached_property
    def words(self) -> frozenset[str]:
        """The case-folded words of the record."""
        return frozenset(folded_words(self.text))

    @cached_property
    def model_words(self) -> list[str]:
        """The case-folded words of the name, without those of the brand."""
        brand = folded_words(self.brand)
        return [word for word in folded_words(self.name) if word not in brand]


@dataclass(frozen=True)
class OtherProduct:
    """The texts of another product in the same locale."""

    name: str
    texts: LocaleTexts


@dataclass(frozen=True)
class CheckContext:
    """The texts of one locale and everything that they are compared with.

    `siblings` are the texts of the same product in other locales. `plan` is what was asked for; None for
    texts of earlier versions, which had no plan.
    """

    source: SourceRecord
    locale: str
    texts: LocaleTexts
    siblings: Mapping[str, LocaleTexts] = field(default_factory=dict)
    others: Sequence[OtherProduct] = ()
    limits: QualityLimits = DEFAULT_LIMITS
    plan: ContentPlan | None = None
    # For each pattern that was searched: whether it may match in the texts.
    _searched: dict[SearchPattern, bool] = field(default_factory=dict, init=False, repr=False)

    @property
    def fields(self) -> tuple[TextField, ...]:
        return self.texts.fields

    def search_all(self, pattern_set: PatternSet) -> None:
        """Search many patterns in one pass, before the rules use them one by one."""
        self._searched.update(dict.fromkeys(pattern_set.patterns, False))
        self._searched.update(dict.fromkeys(pattern_set.possible_matches(self.texts.text), True))

    def may_match(self, pattern: SearchPattern) -> bool:
        """Whether a pattern may match in one of the fields. False is certain."""
        if pattern not in self._searched:
            self._searched[pattern] = pattern.may_match(self.texts.text)
        return self._searched[pattern]

    def find(self, pattern: SearchPattern) -> Iterator[tuple[TextField, re.Match[str]]]:
        """All matches of a pattern, each with its field."""
        for text_field in self.fields if self.may_match(pattern) else ():
            for match in pattern.regex.finditer(text_field.text):
                yield text_field, match

    @cached_property
    def language(self) -> str:
        return language_of(self.locale)


def read_source_record(product: ProductRecord) -> SourceRecord:
    """Prepare a product's record for the checks. The result is cached and shared."""
    record = build_prompt_record(product)
    specs = "; ".join(_spec(key, value) for key, value in record.get("specs", {}).items())
    parts = [record.get(key, "") for key in ("name", "brand", "category", "description")]
    return _source_record(
        product.name, product.brand, product.sku, product.msrp_price, product.currency,
        "\n".join([*parts, specs]),
    )  # fmt: skip


def _spec(name: str, value: str) -> str:
    """A spec as text. A unit that its name states (`scale_length_mm`, `Weight (kg)`) goes to its number."""
    unit = _UNIT_OF_NAME.search(name)
    return (
        f"{name}: {value} {unit[1]}" if unit and _BARE_NUMBER.fullmatch(value.strip()) else f"{name}: {value}"
    )


@lru_cache(maxsize=256)
def _source_record(
    name: str, brand: str, sku: str, price: float | None, currency: str | None, text: str
) -> SourceRecord:
    # Most records are English, with a decimal point. The reader also tries the decimal comma.
    numbers = tuple(read_numbers(text, "en", min_word_value=0))
    words = frozenset(folded_words(f"{name} {brand}"))
    return SourceRecord(name, brand, sku, price, currency, text, numbers, words)
