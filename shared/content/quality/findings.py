"""The findings of the checks: rule, place, words and advice."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

# The most characters of the text that a finding quotes.
_MAX_QUOTE_LENGTH = 120


class Severity(StrEnum):
    """An error rejects a text. A warning lowers its score. A note is only shown."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Finding(BaseModel):
    """One fault of a text. `advice` says how to correct it, to people and to the model at the next try."""

    model_config = ConfigDict(frozen=True)

    rule: str
    severity: Severity
    field: str = Field(description="path of the field; empty if the finding is about the whole text")
    start: int = Field(default=0, description="offset of the words in the field's text")
    end: int = 0
    words: str = ""
    advice: str

    def __str__(self) -> str:
        words = f" «{self.words}»" if self.words else ""
        return f"{self.severity}: {self.rule} in {self.field or 'the whole text'}{words}: {self.advice}"


class Assessment(BaseModel):
    """The result of all checks of one locale's content: a score of 0 to 100, and the findings."""

    model_config = ConfigDict(frozen=True)

    score: int
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == Severity.ERROR)

    def passes(self, minimum: int) -> bool:
        """Whether there is no error and the score is at least `minimum`."""
        return not self.errors and self.score >= minimum

    def reasons(self, limit: int = 10) -> list[str]:
        """The first findings as sentences, errors first: for the stored try and the next request."""
        counted = [finding for finding in self.findings if finding.severity != Severity.NOTE]
        ordered = sorted(counted, key=lambda finding: finding.severity)
        return [str(finding) for finding in ordered[:limit]]


def finding_at(
    rule: str, severity: Severity, field: str, text: str, span: tuple[int, int], advice: str
) -> Finding:
    """A finding about the characters `span` of the field `field`, whose text is `text`."""
    words = text[span[0] : span[1]]
    if len(words) > _MAX_QUOTE_LENGTH:
        words = words[: _MAX_QUOTE_LENGTH - 1] + "…"
    return Finding(
        rule=rule, severity=severity, field=field, start=span[0], end=span[1], words=words, advice=advice
    )
