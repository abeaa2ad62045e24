"""The facts that the model states once for all languages of a product, as codes: skill level and genres.

The request for the product's first locales asks for them, and all locales share them. So two languages cannot
contradict each other. Each fact rests on words of the record; without such words it is unknown.
"""

from collections.abc import Iterable, Set
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from shared.content.answer_form import AnswerObject
from shared.content.text_types import Section
from shared.content.word_counts import folded_words

# The property of the answer that holds the facts, next to the properties of the locales.
FACTS_KEY = "facts"


class SkillLevel(StrEnum):
    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"
    PROFESSIONAL = "professional"


class Genre(StrEnum):
    """Codes of genres. Shops translate them."""

    ACOUSTIC = "acoustic"
    AMBIENT = "ambient"
    BLUES = "blues"
    CLASSICAL = "classical"
    COUNTRY = "country"
    ELECTRONIC = "electronic"
    FILM_SCORE = "film_score"
    FOLK = "folk"
    FUNK = "funk"
    GOSPEL = "gospel"
    HIP_HOP = "hip_hop"
    INDIE = "indie"
    JAZZ = "jazz"
    LATIN = "latin"
    METAL = "metal"
    POP = "pop"
    PUNK = "punk"
    REGGAE = "reggae"
    RNB = "rnb"
    ROCK = "rock"
    SINGER_SONGWRITER = "singer_songwriter"
    SOUL = "soul"
    SPEECH = "speech"
    WORLD = "world"


def locales_in(parts: Iterable[str]) -> tuple[str, ...]:
    """The locales among the parts of a product's content."""
    return tuple(part for part in parts if part != FACTS_KEY)


def _without_duplicates(genres: list[Genre]) -> list[Genre]:
    return list(dict.fromkeys(genres))


Basis = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=2, max_length=120),
    Field(description="2-6 words copied from the record"),
]


class FactsAnswer(AnswerObject):
    """The facts as the model fills them: each with the words of the record that it rests on, or null."""

    skill_level: SkillLevel | None
    skill_level_basis: Basis | None
    best_genres: Annotated[list[Genre], AfterValidator(_without_duplicates)] = Field(
        max_length=5, description="0-5 items"
    )
    best_genres_basis: Basis | None


class ProductFacts(Section):
    """The facts of a product, independent of the locale. Facts of earlier versions have no basis."""

    skill_level: SkillLevel | None = None
    skill_level_basis: str | None = None
    best_genres: list[Genre] = Field(default_factory=list)
    best_genres_basis: str | None = None


def known_facts(answer: FactsAnswer, record_words: Set[str]) -> ProductFacts:
    """The facts that rest on words of the record; `record_words` are its words, case-folded."""
    facts: dict[str, object] = {}
    for name in ("skill_level", "best_genres"):
        value, basis = getattr(answer, name), getattr(answer, f"{name}_basis")
        words = folded_words(basis or "")
        if value and words and record_words >= set(words):
            facts |= {name: value, f"{name}_basis": basis}
    return ProductFacts.model_validate(facts)
