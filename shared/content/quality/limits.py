"""The thresholds of the checks; settings hold those that a shop may want to move."""

from dataclasses import dataclass


@dataclass(frozen=True)
class QualityLimits:
    """Where a warning begins, and where an error."""

    # From so many unsourced numbers in one locale on, they are an error and not a warning each.
    unsourced_numbers: int = 3
    # How sure the language of a text must be: of 8 words and more, and of 4 to 7.
    language_margin: float = 0.7
    short_language_margin: float = 0.9
    # Texts at least so alike (0 to 100) are the same text.
    similarity: float = 90.0
    # Length of a locale beside the first one, in characters: below is a warning, or an error.
    fullness_warning: float = 0.7
    fullness_error: float = 0.5


DEFAULT_LIMITS = QualityLimits()
