"""Counting what a reader found, missed and raised wrongly: by kind, by language, and by text."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scripts.evaluation.evaluation_set import EvaluationCase, PlacedLapse
from scripts.evaluation.recordings import ReaderReply
from shared.content.prompt_record import build_prompt_record
from shared.content.quality import Severity
from shared.content.reader_kinds import DEFAULT_SEVERITIES, ReaderKind, ReaderVerdict
from shared.verification.reader_answer import ReaderFault, ReaderFinding, read_answer
from shared.verification.reader_findings import severity_of


@dataclass
class Counts:
    """Lapses: all, found, found as an error. Findings that hit no lapse: as error, as warning, as note."""

    lapses: int = 0
    found: int = 0
    blocked: int = 0
    false_errors: int = 0
    false_warnings: int = 0
    notes: int = 0


@dataclass
class Score:
    """What the answers of one reader are worth.

    A text is one locale of a case. `kept_out` are lapses whose text has an error, whichever: none of them
    would be published. `unread_lines` are those of requests without a readable answer.
    """

    by_kind: dict[str, Counts] = field(default_factory=dict)
    by_locale: dict[str, Counts] = field(default_factory=dict)
    total: Counts = field(default_factory=Counts)
    kept_out: int = 0
    faithful: int = 0
    faithful_blocked: int = 0
    flawed: int = 0
    flawed_blocked: int = 0
    findings: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    lines: int = 0
    unread_lines: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    # The findings that hit no lapse, for a person to look at: case, finding, severity.
    false_findings: list[tuple[str, ReaderFinding, Severity]] = field(default_factory=list)
    missed: list[tuple[str, PlacedLapse]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.total.found / self.total.lapses if self.total.lapses else 1.0

    @property
    def fault_rate(self) -> float:
        """The share of what the reader stated that does not count."""
        faults = sum(count for name, count in self.faults.items() if name in list(ReaderFault))
        return faults / (faults + self.findings) if faults else 0.0

    def counts(self, kind: str, locale: str) -> Sequence[Counts]:
        """The counts that a lapse or finding of a kind in a locale belongs to."""
        return (
            self.by_kind.setdefault(kind, Counts()),
            self.by_locale.setdefault(locale, Counts()),
            self.total,
        )


def score(
    answered: Iterable[tuple[EvaluationCase, Sequence[ReaderReply]]],
    severities: Mapping[ReaderKind, Severity] = DEFAULT_SEVERITIES,
) -> Score:
    """Count what the replies to each case found. A lapse is found where a finding shares a letter with it."""
    result = Score()
    for case, replies in answered:
        findings = _read(result, case, replies)
        weighed = [(each, severity_of(each, severities)) for each in findings]
        blocked = {each.line.locale for each, severity in weighed if severity == Severity.ERROR}
        for lapse in case.lapses:
            hits = [severity for each, severity in weighed if _finds(each, lapse)]
            for counts in result.counts(lapse.lapse.kind, lapse.lapse.locale):
                counts.lapses += 1
                counts.found += bool(hits)
                counts.blocked += Severity.ERROR in hits
            result.kept_out += lapse.lapse.locale in blocked
            if not hits:
                result.missed.append((case.name, lapse))
        for each, severity in weighed:
            if not any(_meet(each, lapse) for lapse in case.lapses):
                _count_false(result, case, each, severity)
        for locale in case.locales:
            if case.faithful(locale):
                result.faithful += 1
                result.faithful_blocked += locale in blocked
            else:
                result.flawed += 1
                result.flawed_blocked += locale in blocked
    return result


def _read(result: Score, case: EvaluationCase, replies: Sequence[ReaderReply]) -> list[ReaderFinding]:
    """The findings that count; the faults, the tokens and what was not read go into `result`."""
    record = build_prompt_record(case.product)
    result.lines += len(case.lines)
    findings: list[ReaderFinding] = []
    for reply in replies:
        asked = [line for line in case.lines if reply.lines[0] <= line.number <= reply.lines[1]]
        result.requests += 1
        result.prompt_tokens += reply.prompt_tokens
        result.completion_tokens += reply.completion_tokens
        result.cached_tokens += reply.cached_tokens
        if reply.failure is not None:
            result.faults[reply.failure] += 1
            result.unread_lines += len(asked)
            continue
        answer = read_answer(reply.text, asked, record)
        result.faults.update(answer.faults)
        result.findings += len(answer.findings)
        result.unread_lines += 0 if answer.readable else len(asked)
        findings += answer.findings
    return findings


def _count_false(result: Score, case: EvaluationCase, finding: ReaderFinding, severity: Severity) -> None:
    for counts in result.counts(finding.kind, finding.line.locale):
        counts.false_errors += severity == Severity.ERROR
        counts.false_warnings += severity == Severity.WARNING
        counts.notes += severity == Severity.NOTE
    if severity != Severity.NOTE:
        result.false_findings.append((case.name, finding, severity))


def _finds(finding: ReaderFinding, lapse: PlacedLapse) -> bool:
    """Whether a finding tells of a lapse; one that calls it general knowledge does not."""
    return finding.verdict != ReaderVerdict.GENERAL and _meet(finding, lapse)


def _meet(finding: ReaderFinding, lapse: PlacedLapse) -> bool:
    same_line = finding.line.number == lapse.number
    return same_line and finding.start < lapse.end and lapse.start < finding.end
