"""The headings of sections and the names of codes in the language of a locale; one TOML file a language."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from shared.content.locales import language_of


@dataclass(frozen=True)
class Labels:
    """Labels by key: of sections, and of the codes of skill levels and genres."""

    sections: dict[str, str]
    skill_level: dict[str, str]
    best_genres: dict[str, str]


@cache
def labels_of(locale: str) -> Labels:
    """The labels in the language of `locale`, such as `de-DE`."""
    text = (files(__package__) / f"{language_of(locale)}.toml").read_text("utf-8")
    return Labels(**tomllib.loads(text))
