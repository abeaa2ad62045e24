"""Reading a reader's answer: which findings count, and why the others do not.

A finding counts only if its line was shown, its quotation is in that line, and the words of the record
are in the record. Everything else is a fault of the reader. It is counted by reason, and never counts against
a text.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson
from pydantic import ValidationError

from shared.content.reader_kinds import ReaderKind, ReaderVerdict
from shared.verification.numbered_lines import Line
from shared.verification.reader_schema import RawFinding
from shared.verification.verbatim import find_words


class ReaderFault(StrEnum):
    """Why an answer, or one of its findings, does not count."""

    NOT_JSON = "not_json"
    NOT_FINDINGS = "not_findings"
    BAD_FINDING = "bad_finding"
    UNKNOWN_LINE = "unknown_line"
    QUOTE_NOT_IN_LINE = "quote_not_in_line"
    NO_RECORD_WORDS = "no_record_words"
    RECORD_WORDS_NOT_IN_RECORD = "record_words_not_in_record"
    REPEATED = "repeated"


# Faults of the whole answer: nothing of it was read, and the lines are as good as not read at all.
_UNREADABLE = frozenset({ReaderFault.NOT_JSON, ReaderFault.NOT_FINDINGS})


@dataclass(frozen=True)
class ReaderFinding:
    """A finding that counts. `start` and `end` are offsets in the text of `line`."""

    line: Line
    start: int
    end: int
    kind: ReaderKind
    verdict: ReaderVerdict
    record_words: str = ""


@dataclass(frozen=True)
class ReaderAnswer:
    """What an answer is worth."""

    findings: tuple[ReaderFinding, ...] = ()
    faults: Counter[ReaderFault] = field(default_factory=Counter)

    @property
    def readable(self) -> bool:
        """Whether the lines count as read; a single wrong finding does not change that."""
        return not _UNREADABLE & self.faults.keys()


def read_answer(text: str, lines: Iterable[Line], record: Mapping[str, Any]) -> ReaderAnswer:
    """Judge the answer about `lines`; `record` is the cleaned record that the reader was shown.

    Never raises for what the answer holds.
    """
    try:
        answer = orjson.loads(text)
    except orjson.JSONDecodeError:
        return ReaderAnswer(faults=Counter([ReaderFault.NOT_JSON]))
    stated = answer.get("findings") if isinstance(answer, dict) else None
    if not isinstance(stated, list):
        return ReaderAnswer(faults=Counter([ReaderFault.NOT_FINDINGS]))
    by_number = {line.number: line for line in lines}
    sources = record_texts(record)
    findings: dict[tuple[int, int, int], ReaderFinding] = {}
    faults: Counter[ReaderFault] = Counter()
    for each in stated:
        judged = _judge(each, by_number, sources)
        if isinstance(judged, ReaderFault):
            faults[judged] += 1
        elif (place := (judged.line.number, judged.start, judged.end)) in findings:
            faults[ReaderFault.REPEATED] += 1
        else:
            findings[place] = judged
    return ReaderAnswer(tuple(findings.values()), faults)


def record_texts(record: Mapping[str, Any]) -> tuple[str, str]:
    """The record's words in two forms, since it may be quoted in either: as prose, and as the JSON shown."""
    specs = [f"{key}: {value}" for key, value in record.get("specs", {}).items()]
    prose = [f"{key}: {value}" for key, value in record.items() if key != "specs"]
    return "\n".join([*prose, *specs]), orjson.dumps(record).decode()


def _judge(stated: Any, lines: Mapping[int, Line], sources: tuple[str, str]) -> ReaderFinding | ReaderFault:
    try:
        raw = RawFinding.model_validate(stated, strict=False)
    except ValidationError:
        return ReaderFault.BAD_FINDING
    line = lines.get(raw.line)
    if line is None:
        return ReaderFault.UNKNOWN_LINE
    span = find_words(line.text, raw.quote)
    if span is None:
        return ReaderFault.QUOTE_NOT_IN_LINE
    record_words = raw.record.strip()
    if raw.verdict == ReaderVerdict.CONTRADICTED and not record_words:
        return ReaderFault.NO_RECORD_WORDS
    if record_words and not any(find_words(source, record_words) for source in sources):
        return ReaderFault.RECORD_WORDS_NOT_IN_RECORD
    return ReaderFinding(line, *span, raw.kind, raw.verdict, record_words)
