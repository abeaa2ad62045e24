"""What a check found: which rule, where, which words, and what to do about it."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

_SHOWN_WORDS = 120


class Severity(StrEnum):
    """An error blocks a text; a warning costs score; a note is shown, and never held against a text."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Finding(BaseModel):
    """One reason against a text, for a person to act on and for the model to do better."""

    model_config = ConfigDict(frozen=True)

    rule: str
    severity: Severity
    field: str = Field(description="path of the field; empty where it is about the whole text")
    start: int = Field(default=0, description="offset of the words in the field's text")
    end: int = 0
    words: str = ""
    advice: str

    def __str__(self) -> str:
        words = f" «{self.words}»" if self.words else ""
        return f"{self.severity}: {self.rule} in {self.field or 'the whole text'}{words}: {self.advice}"


class Assessment(BaseModel):
    """The worth of one locale's content: 0 to 100, and every reason."""

    model_config = ConfigDict(frozen=True)

    score: int
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == Severity.ERROR)

    def passes(self, minimum: int) -> bool:
        """Whether nothing blocks it and the score suffices."""
        return not self.errors and self.score >= minimum

    def reasons(self, most: int = 10) -> list[str]:
        """The reasons in words, errors first: for a candidate's record, and for the next request."""
        against = [finding for finding in self.findings if finding.severity != Severity.NOTE]
        ordered = sorted(against, key=lambda finding: finding.severity)
        return [str(finding) for finding in ordered[:most]]


def found(
    rule: str, severity: Severity, field: str, text: str, span: tuple[int, int], advice: str
) -> Finding:
    """A finding at a span of a field's text."""
    words = text[span[0] : span[1]]
    if len(words) > _SHOWN_WORDS:
        words = words[: _SHOWN_WORDS - 1] + "…"
    return Finding(
        rule=rule, severity=severity, field=field, start=span[0], end=span[1], words=words, advice=advice
    )
