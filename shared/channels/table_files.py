"""Rows of CSV (RFC 4180) and TSV files, guarded against spreadsheets that run texts as formulas.

The guard is that of OWASP ("CSV Injection"): a cell that begins with one of `= + - @` gets an apostrophe in
front. A plain number stays as it is.
"""

import csv
import io
import re
from collections.abc import Sequence

_FORMULA = re.compile(r"[=+\-@|＝＋－＠]")  # noqa: RUF001 - full-width forms count as formulas too
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


def may_be_formula(text: str) -> bool:
    """Whether a spreadsheet could run the text as a formula."""
    return bool(_FORMULA.match(text.lstrip())) and not _NUMBER.fullmatch(text)


def guarded(text: str) -> str:
    """The text, with an apostrophe in front if a spreadsheet could run it."""
    return f"'{text}" if may_be_formula(text) else text


def csv_row(cells: Sequence[str]) -> bytes:
    """One row of a CSV file in UTF-8, guarded. Line breaks within a cell stay."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([guarded(cell) for cell in cells])
    return buffer.getvalue().encode()


def csv_row_on_one_line(cells: Sequence[str]) -> bytes:
    """One row of a CSV file in UTF-8 as one line: line breaks and tabs within a cell are spaces."""
    return csv_row([" ".join(cell.split()) for cell in cells])


def tsv_row(cells: Sequence[str]) -> bytes:
    """One row of a TSV file in UTF-8, without quotes around cells: tabs and line breaks are spaces."""
    return ("\t".join(" ".join(cell.split()) for cell in cells) + "\n").encode()
