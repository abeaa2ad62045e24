"""The patterns of words that the rules of a language look for, one TOML file a language in `words/`."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from shared.content.quality.prefilter import Spotter, whole_words


@dataclass(frozen=True)
class WordPatterns:
    """One pattern a rule."""

    reviews: Spotter
    mentions: Spotter
    claims: Spotter
    puffery: Spotter
    offers: Spotter
    levels: Spotter


@lru_cache(maxsize=32)
def read_words(name: str) -> dict[str, Any]:
    """A file of `words/`."""
    source = files(__package__).joinpath("words", f"{name}.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@lru_cache(maxsize=16)
def patterns(language: str) -> WordPatterns:
    """The patterns of a language; every list of its file becomes one pattern of whole words."""
    return WordPatterns(
        **{name: whole_words("|".join(entries)) for name, entries in read_words(language).items()}
    )


@lru_cache(maxsize=1)
def brazilian() -> Spotter:
    """Words and forms of Brazilian Portuguese that European Portuguese does not have."""
    return whole_words("|".join(read_words("brazilian")["forms"]))


@lru_cache(maxsize=16)
def word_set(name: str, key: str) -> frozenset[str]:
    """The words of one list of a file, which are separated by spaces."""
    return frozenset(read_words(name)[key].split())
