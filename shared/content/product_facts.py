"""The facts that the model states once for all languages of a product: ratings, levels and genres, as codes.

The request for the product's first locales asks for them, and all locales share them. So two languages cannot
contradict each other. Value for money is not one of them, because the model does not see the price.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.content.text_types import Section

# The property of the answer that holds the facts, next to the properties of the locales.
FACTS_KEY = "facts"

Rating = Annotated[int, Field(ge=1, le=10, description="1 to 10")]


class SkillLevel(StrEnum):
    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"
    PROFESSIONAL = "professional"


class Level(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class LearningCurve(StrEnum):
    EASY = "easy"
    MODERATE = "moderate"
    STEEP = "steep"


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


class ProductFacts(Section):
    """The facts of a product, independent of the locale."""

    build_quality: Rating
    sound_quality: Rating
    playability: Rating
    versatility: Rating
    skill_level: SkillLevel
    durability: Level
    learning_curve: LearningCurve
    maintenance_level: Level
    best_genres: Annotated[list[Genre], AfterValidator(_without_duplicates)] = Field(
        min_length=1, max_length=5, description="1 to 5 items"
    )
