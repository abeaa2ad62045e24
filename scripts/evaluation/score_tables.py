"""What a score says, as tables for people and as JSON for programs."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

from scripts.evaluation.scoring import Counts, Score
from scripts.terminal import plain

_COLUMNS = ("lapses", "found", "recall", "as error", "false errors", "false warnings", "notes")


def score_tables(title: str, score: Score) -> Iterator[Table]:
    """The counts by kind and by locale."""
    for name, rows in (("kind", score.by_kind), ("locale", score.by_locale)):
        yield _table(f"{title}, by {name}", name, rows, score.total)


def score_lines(score: Score, cost: float | None) -> Iterator[str]:
    """The rest in sentences, a fact a line."""
    yield (
        f"Texts: {score.flawed_blocked} of {score.flawed} with lapses would be rejected, and "
        f"{score.faithful_blocked} of {score.faithful} without. "
        f"Kept out with their texts: {score.kept_out} of {score.total.lapses} lapses."
    )
    faults = ", ".join(f"{name} {count}" for name, count in sorted(score.faults.items())) or "none"
    yield f"Reader's faults: {faults}. Of its findings {score.fault_rate:.1%} do not count."
    if score.unread_lines:
        yield f"Not read: {score.unread_lines} of {score.lines} lines."
    money = "" if cost is None else f" USD {cost:.4f} at batch price."
    yield (
        f"Tokens: {score.prompt_tokens:,} in, {score.completion_tokens:,} out, "
        f"in {score.requests} requests.{money}"
    )


def mistakes(score: Score) -> Iterator[str]:
    """Every lapse that was missed and every finding that hit none, for a person to judge."""
    for case, lapse in score.missed:
        each = lapse.lapse
        yield plain(f"missed {case} {each.locale} {each.field} [{each.kind}]: «{each.quote}» ({each.why})")
    for case, finding, severity in score.false_findings:
        line = finding.line
        words = line.text[finding.start : finding.end]
        place = f"{case} {line.locale} {line.field}"
        yield plain(f"false {severity} {place} [{finding.kind}, {finding.verdict}]: «{words}»")


def score_json(score: Score) -> dict[str, Any]:
    """The same for programs."""
    left_out = {"false_findings", "missed", "by_kind", "by_locale", "total"}
    plain_fields = {
        each.name: getattr(score, each.name)
        for each in dataclasses.fields(score)
        if each.name not in left_out
    }
    return {
        **plain_fields,
        "recall": round(score.recall, 4),
        "fault_rate": round(score.fault_rate, 4),
        "total": dataclasses.asdict(score.total),
        "by_kind": _dictionaries(score.by_kind),
        "by_locale": _dictionaries(score.by_locale),
        "mistakes": list(mistakes(score)),
    }


def _dictionaries(rows: Mapping[str, Counts]) -> dict[str, Any]:
    return {name: dataclasses.asdict(counts) for name, counts in sorted(rows.items())}


def _table(title: str, name: str, rows: Mapping[str, Counts], total: Counts) -> Table:
    table = Table(title=plain(title))
    table.add_column(name)
    for column in _COLUMNS:
        table.add_column(column, justify="right")
    for key, counts in [*sorted(rows.items()), ("all", total)]:
        table.add_row(plain(key), *_figures(counts), style="bold" if counts is total else None)
    return table


def _figures(counts: Counts) -> list[str]:
    recall = f"{counts.found / counts.lapses:.0%}" if counts.lapses else "-"
    numbers = (counts.blocked, counts.false_errors, counts.false_warnings, counts.notes)
    return [str(counts.lapses), str(counts.found), recall, *map(str, numbers)]
