"""The texts of one locale of a product, split once for all rules and for comparison with other locales."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from shared.content.text_fields import TextField
from shared.content.word_counts import folded_words

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[\w¿¡«“\"(])")


class LocaleTexts:
    """Texts with their sentences and words, which are computed when first needed.

    `name_words` are the case-folded words of the product's name and brand.
    """

    def __init__(self, fields: Iterable[TextField], name_words: frozenset[str]) -> None:
        self.fields = tuple(fields)
        self._name_words = name_words

    @cached_property
    def text(self) -> str:
        """The texts of all fields, joined by line feeds."""
        return "\n".join([field.text for field in self.fields])

    @cached_property
    def characters(self) -> int:
        """The total length of all fields."""
        return sum([len(field.text) for field in self.fields])

    def sentences(self, field: TextField) -> list[str]:
        """The sentences of a field."""
        return self._sentences[field.path]

    def sentence_words(self, field: TextField) -> list[tuple[str, ...]]:
        """The case-folded words of each sentence of a field."""
        return self._sentence_words[field.path]

    @cached_property
    def words(self) -> Mapping[str, tuple[str, ...]]:
        """The case-folded words of each field, by its path."""
        return {path: sum(words, ()) for path, words in self._sentence_words.items()}

    @cached_property
    def _sentences(self) -> dict[str, list[str]]:
        return {field.path: _SENTENCE_END.split(field.text) for field in self.fields}

    @cached_property
    def _sentence_words(self) -> dict[str, list[tuple[str, ...]]]:
        return {
            path: [folded_words(sentence) for sentence in sentences]
            for path, sentences in self._sentences.items()
        }

    @cached_property
    def own_words(self) -> Mapping[str, tuple[str, ...]]:
        """`words` without those of the product's name, which are the same in every language."""
        names = self._name_words
        return {
            path: tuple([word for word in words if word not in names]) for path, words in self.words.items()
        }

    @cached_property
    def own_texts(self) -> Mapping[str, str]:
        """The own words of each field, joined to one text for comparison."""
        return {path: " ".join(words) for path, words in self.own_words.items()}
