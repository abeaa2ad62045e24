"""The prompt's guide for each locale, with its glossary: one TOML file per locale and version."""

import tomllib
from functools import lru_cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

PROMPT_VERSION = "v3"


class Term(BaseModel):
    """A technical term: the word to use, and the words to avoid."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    use: str
    avoid: tuple[str, ...]


class LocaleGuide(BaseModel):
    """How to write the texts of one locale."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: str
    spelling: str
    address: str
    address_form: str
    units: str
    good: str
    bad: str
    terms: tuple[Term, ...]

    def as_text(self) -> str:
        """The guide as one line of the prompt."""
        terms = "; ".join(f"{term.use} (not {', '.join(term.avoid)})" for term in self.terms)
        return (
            f"{self.language}. {self.spelling} {self.address} {self.units} Terms: {terms}. "
            f"Good: «{self.good}» Bad: «{self.bad}»"
        )


@lru_cache(maxsize=16)
def guide_for(locale: str) -> LocaleGuide:
    """The guide for a locale in the current version of the prompt."""
    source = files(__package__).joinpath(PROMPT_VERSION, f"{locale}.toml")
    return LocaleGuide.model_validate(tomllib.loads(source.read_text(encoding="utf-8")))
