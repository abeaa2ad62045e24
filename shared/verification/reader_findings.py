"""A reader's findings as findings of the quality checks, so that both are scored and shown together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from shared.content.quality import Finding, Severity
from shared.content.quality.findings import finding_at
from shared.content.reader_kinds import DEFAULT_SEVERITIES, ReaderKind, ReaderVerdict
from shared.verification.reader_answer import ReaderFinding

# Before the kind, so that a rule of words and a reader are told apart in reports.
RULE_PREFIX = "reader_"

_REMEDIES = {
    ReaderVerdict.UNSUPPORTED: "The record does not say this: leave it out.",
    ReaderVerdict.FORBIDDEN: "This may not be written: leave it out.",
    ReaderVerdict.LANGUAGE: "Write this as a native writer of this market would.",
    ReaderVerdict.GENERAL: "Common knowledge of this kind of instrument.",
}


def severity_of(finding: ReaderFinding, severities: Mapping[ReaderKind, Severity]) -> Severity:
    """The severity of the finding's kind; general knowledge is only ever noted."""
    return Severity.NOTE if finding.verdict == ReaderVerdict.GENERAL else severities[finding.kind]


def quality_findings(
    findings: Iterable[ReaderFinding], severities: Mapping[ReaderKind, Severity] = DEFAULT_SEVERITIES
) -> dict[str, list[Finding]]:
    """The findings of each locale that has any."""
    by_locale: dict[str, list[Finding]] = defaultdict(list)
    for each in findings:
        line, severity = each.line, severity_of(each, severities)
        rule = f"{RULE_PREFIX}{each.kind}"
        span = (each.start, each.end)
        by_locale[line.locale].append(finding_at(rule, severity, line.field, line.text, span, _remedy(each)))
    return dict(by_locale)


def _remedy(finding: ReaderFinding) -> str:
    if finding.verdict == ReaderVerdict.CONTRADICTED:
        return f"The record says otherwise: «{finding.record_words}»."
    return _REMEDIES[finding.verdict]
