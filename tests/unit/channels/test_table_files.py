"""Rows of tables: what a spreadsheet could run, and line breaks."""

import csv
import io

import pytest

from shared.channels.table_files import csv_row, csv_row_on_one_line, guarded, tsv_row


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "  =1", "\t=1", "＝1"])  # noqa: RUF001
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-3", "+4.5", "-0,5", "a=b", "<p>=1</p>", ""])
def test_numbers_and_plain_texts_stay(text: str) -> None:
    assert guarded(text) == text


def test_a_csv_row_is_read_back_as_it_was() -> None:
    cells = ['says "hi", twice', "two\nlines", "ümläut", ""]
    assert next(csv.reader(io.StringIO(csv_row(cells).decode(), newline=""))) == cells


def test_a_row_on_one_line_has_one_line() -> None:
    assert csv_row_on_one_line(["a\r\nb\tc", "d"]) == b"a b c,d\r\n"
    assert tsv_row(["a\tb", "c\nd"]) == b"a b\tc d\n"
