"""Reads the word lists and patterns in `vocabulary/`, where each language has a file of patterns."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from shared.content.quality.pattern_search import SearchPattern, whole_words


@dataclass(frozen=True)
class WordPatterns:
    """The patterns of one language, one per rule. The names are the keys of the language's file."""

    reviews: SearchPattern
    buyers: SearchPattern
    mentions: SearchPattern
    claims: SearchPattern
    puffery: SearchPattern
    offers: SearchPattern
    levels: SearchPattern


@lru_cache(maxsize=32)
def read_vocabulary(name: str) -> dict[str, Any]:
    """The content of `vocabulary/<name>.toml`."""
    source = files(__package__).joinpath("vocabulary", f"{name}.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@lru_cache(maxsize=16)
def word_patterns(language: str) -> WordPatterns:
    """The patterns of a language. Each list of its file becomes one pattern of whole words."""
    return WordPatterns(
        **{name: whole_words("|".join(entries)) for name, entries in read_vocabulary(language).items()}
    )


@lru_cache(maxsize=1)
def brazilian_forms() -> SearchPattern:
    """Words and forms of Brazilian Portuguese that European Portuguese does not have."""
    return whole_words("|".join(read_vocabulary("brazilian")["forms"]))


@lru_cache(maxsize=16)
def word_set(name: str, key: str) -> frozenset[str]:
    """The words of one list of a file. The file separates them by spaces."""
    return frozenset(read_vocabulary(name)[key].split())
