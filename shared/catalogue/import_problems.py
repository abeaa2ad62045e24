"""The problems and warnings of an import: all are counted, and the first are kept.

The report is one table row, so what it keeps has a size. A file of a million bad rows still gets its report.
"""

import orjson

from shared.catalogue.text_values import text_of, utf16_length
from shared.domain.run import ImportReport, RowProblem

_MOST = 500
# In UTF-16 units of JSON. A table row holds 500,000 of them, and the report has two lists.
_LARGEST_LIST = 150_000
_LONGEST = {"field": 120, "reason": 300, "product": 120}


class ImportProblems:
    """Writes problems and warnings into a report."""

    def __init__(self, report: ImportReport) -> None:
        self._report = report
        self._sizes = {"problem": 0, "warning": 0}

    def problem(self, line: int, field: str, reason: str, product: str | None = None) -> None:
        """Add why a row was left out."""
        self._report.problem_count += 1
        self._keep("problem", self._report.problems, _bounded(line, field, reason, product))

    def warning(self, line: int, field: str, reason: str, product: str | None = None) -> None:
        """Add what was left out of a row that is kept."""
        self._report.warning_count += 1
        self._keep("warning", self._report.warnings, _bounded(line, field, reason, product))

    def _keep(self, kind: str, kept: list[RowProblem], problem: RowProblem) -> None:
        if len(kept) == _MOST or self._sizes[kind] > _LARGEST_LIST:
            return
        self._sizes[kind] += utf16_length(orjson.dumps(problem.model_dump()).decode())
        kept.append(problem)


def _bounded(line: int, field: str, reason: str, product: str | None) -> RowProblem:
    texts = {"field": field, "reason": reason, "product": product or ""}
    short = {name: _cut(text_of(text[: 2 * _LONGEST[name]]), _LONGEST[name]) for name, text in texts.items()}
    return RowProblem(
        line=line, field=short["field"], reason=short["reason"], product=short["product"] or None
    )


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
