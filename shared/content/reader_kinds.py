"""What a reader may find in a text, how it judges it, and how much each kind weighs.

The reader is a language model that compares a text with its record (`shared/verification`). The setting
`VERIFICATION_KINDS` changes the severities, so this module is below the settings.
"""

from collections.abc import Mapping
from enum import StrEnum

from shared.content.quality.findings import Severity

_FORM = "must be kinds with a severity, such as grammar=error,term=note"


class ReaderVerdict(StrEnum):
    """How the words relate to the record."""

    UNSUPPORTED = "unsupported"
    CONTRADICTED = "contradicted"
    FORBIDDEN = "forbidden"
    LANGUAGE = "language"
    # Common knowledge of this kind of instrument: reported, and never lowers a score.
    GENERAL = "general"


class ReaderKind(StrEnum):
    """What the words are about."""

    FEATURE = "feature"
    NUMBER = "number"
    ACCESSORY = "accessory"
    COMPATIBILITY = "compatibility"
    CONTRADICTION = "contradiction"
    WRONG_PART = "wrong_part"
    DATE = "date"
    REVIEW = "review"
    AWARD = "award"
    SUPERLATIVE = "superlative"
    PROMISE = "promise"
    PRICE = "price"
    OFFER = "offer"
    LEVEL = "level"
    BRAND_PRAISE = "brand_praise"
    OTHER_BRAND = "other_brand"
    RECORD_TALK = "record_talk"
    FOREIGN_WORDS = "foreign_words"
    SPELLING = "spelling"
    TERM = "term"
    GRAMMAR = "grammar"
    OTHER = "other"


# An error where a reader's findings were right in what was measured (docs/verification.md). Texts that were
# judged good speak of missing data six times each, so that is only noted; the rest is matters of taste.
_NOT_ERRORS = {
    ReaderKind.RECORD_TALK: Severity.NOTE,
    ReaderKind.GRAMMAR: Severity.WARNING,
    ReaderKind.OTHER: Severity.WARNING,
}
DEFAULT_SEVERITIES: Mapping[ReaderKind, Severity] = {
    kind: _NOT_ERRORS.get(kind, Severity.ERROR) for kind in ReaderKind
}


def read_severities(text: str) -> dict[ReaderKind, Severity]:
    """The defaults, with those of a text such as `grammar=error,term=note` put over them.

    Raises:
        ValueError: when the text is not of that form, or names an unknown kind or severity.
    """
    severities = dict(DEFAULT_SEVERITIES)
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, severity = (each.strip() for each in part.partition("="))
        if not equals:
            raise ValueError(_FORM)
        if name not in list(ReaderKind):
            raise ValueError(f"{_FORM}; the kinds are {', '.join(ReaderKind)}")
        if severity not in list(Severity):
            raise ValueError(f"{_FORM}; the severities are {', '.join(Severity)}")
        severities[ReaderKind(name)] = Severity(severity)
    return severities
