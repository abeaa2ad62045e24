"""The texts of one locale of a product, read once for all rules, and for the product's other locales."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from shared.content.text_fields import TextField
from shared.content.word_counts import folded_words

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[\w¿¡«“\"(])")


class Reading:
    """What rules ask of texts; `names` are the lower-case words of the product's name."""

    def __init__(self, fields: Iterable[TextField], names: frozenset[str]) -> None:
        self.fields = tuple(fields)
        self._names = names

    @cached_property
    def text(self) -> str:
        """All fields, one a line."""
        return "\n".join([field.text for field in self.fields])

    @cached_property
    def characters(self) -> int:
        """The length of all fields."""
        return sum([len(field.text) for field in self.fields])

    def sentences(self, field: TextField) -> list[str]:
        """The sentences of a field."""
        return self._sentences[field.path]

    def sentence_words(self, field: TextField) -> list[tuple[str, ...]]:
        """The lower-case words of each sentence of a field."""
        return self._sentence_words[field.path]

    @cached_property
    def words(self) -> Mapping[str, tuple[str, ...]]:
        """The lower-case words of each field by its path."""
        return {path: sum(words, ()) for path, words in self._sentence_words.items()}

    @cached_property
    def _sentences(self) -> dict[str, list[str]]:
        return {field.path: _SENTENCE_END.split(field.text) for field in self.fields}

    @cached_property
    def _sentence_words(self) -> dict[str, list[tuple[str, ...]]]:
        return {path: [folded_words(each) for each in texts] for path, texts in self._sentences.items()}

    @cached_property
    def own_words(self) -> Mapping[str, tuple[str, ...]]:
        """The same without those of the product's name, which are the same in every language."""
        names = self._names
        return {
            path: tuple([word for word in words if word not in names]) for path, words in self.words.items()
        }

    @cached_property
    def own_texts(self) -> Mapping[str, str]:
        """The own words of each field as one text, for comparing."""
        return {path: " ".join(words) for path, words in self.own_words.items()}
