"""The thresholds of the checks. Those that a shop may want to change are settings."""

from dataclasses import dataclass


@dataclass(frozen=True)
class QualityLimits:
    """Where a warning begins, and where an error begins."""

    # With this many unsourced numbers or more in one locale, each is an error instead of a warning.
    unsourced_numbers: int = 3
    # By how much another language must be more probable than the locale's to be reported: in texts of 8 words
    # or more, and in texts of 4 to 7 words.
    language_margin: float = 0.7
    short_language_margin: float = 0.9
    # From this similarity on (0 to 100), two texts count as the same text.
    similarity: float = 90.0
    # The length of a locale in characters, as a share of the first locale's length. Less is a warning or an
    # error.
    fullness_warning: float = 0.7
    fullness_error: float = 0.5


DEFAULT_LIMITS = QualityLimits()
