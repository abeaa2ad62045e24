"""The patterns of words that the rules of a language look for, one TOML file a language in `words/`."""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from shared.content.quality.spotting import Spotter


@dataclass(frozen=True)
class WordPatterns:
    """One pattern a rule."""

    reviews: Spotter
    mentions: Spotter
    claims: Spotter
    puffery: Spotter
    offers: Spotter
    levels: Spotter


@lru_cache(maxsize=16)
def patterns(language: str) -> WordPatterns:
    """The patterns of a language; every list of its file becomes one pattern of whole words."""
    source = files(__package__).joinpath("words", f"{language}.toml")
    lists = tomllib.loads(source.read_text(encoding="utf-8"))
    return WordPatterns(**{name: _any_of(entries) for name, entries in lists.items()})


@lru_cache(maxsize=1)
def brazilian() -> Spotter:
    """Words and forms of Brazilian Portuguese that European Portuguese does not have."""
    source = files(__package__).joinpath("words", "brazilian.toml")
    return _any_of(tomllib.loads(source.read_text(encoding="utf-8"))["forms"])


@lru_cache(maxsize=16)
def word_set(name: str, key: str) -> frozenset[str]:
    """The words of one list of a file, which are separated by spaces."""
    source = files(__package__).joinpath("words", f"{name}.toml")
    return frozenset(tomllib.loads(source.read_text(encoding="utf-8"))[key].split())


def _any_of(entries: list[str]) -> Spotter:
    return Spotter(re.compile(rf"(?<!\w)(?:{'|'.join(entries)})(?!\w)", re.IGNORECASE))
