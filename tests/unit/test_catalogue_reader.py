"""Reading catalogue files: CSV, JSON and JSON Lines, good and bad."""

import io

import pytest

from shared.catalogue.catalogue_reader import check_encoding, check_structure, read_rows
from shared.catalogue.rows import Unreadable
from shared.domain.errors import InvalidRequest
from tests.conftest import shared_file


def rows(text: str | bytes, file_format: str = "csv") -> list[tuple[int, object]]:
    data = text.encode() if isinstance(text, str) else text
    return list(read_rows(io.BytesIO(data), file_format))


def test_csv_rows_have_the_line_number_that_an_editor_shows() -> None:
    text = 'sku,name\r\nA,"two\r\nlines"\r\n\r\nB,Plain\r\n'
    assert rows(text) == [(2, {"sku": "A", "name": "two\r\nlines"}), (5, {"sku": "B", "name": "Plain"})]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_taken_from_the_header(delimiter: str) -> None:
    text = delimiter.join(["SKU", "Name", "price"]) + "\n" + delimiter.join(["A", "B", "1"])
    assert rows(text) == [(2, {"sku": "A", "name": "B", "price": "1"})]


def test_a_byte_order_mark_is_ignored() -> None:
    assert rows(b"\xef\xbb\xbfsku,name\nA,B\n") == [(2, {"sku": "A", "name": "B"})]
    assert rows(b'\xef\xbb\xbf{"sku": "A"}\n', "jsonl") == [(1, {"sku": "A"})]
    assert rows(b'\xef\xbb\xbf[{"sku": "A"}]', "json") == [(1, {"sku": "A"})]


def test_a_row_with_too_many_values_is_reported_and_the_next_is_read() -> None:
    (line, reason), good = rows("sku,name\nA,B,C\nD,E\n")
    assert line == 2
    assert isinstance(reason, Unreadable)
    assert "3 values where the header names 2" in reason.reason
    assert good == (3, {"sku": "D", "name": "E"})


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "sku\nA\n"])
def test_csv_without_a_usable_header_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="header"):
        rows(text)


def test_jsonl_reads_good_lines_and_reports_bad_ones() -> None:
    read = rows('{"sku": "A"}\n\n{oops\n[1]\n{"product_input": {"sku": "B"}}\n', "jsonl")
    assert [line for line, _ in read] == [1, 3, 4, 5]
    assert read[0][1] == {"sku": "A"}
    assert "not JSON" in str(read[1][1])
    assert "not a JSON object" in str(read[2][1])
    assert read[3][1] == {"sku": "B"}


@pytest.mark.parametrize(
    "text",
    [
        '[{"sku": "A"}, {"sku": "B"}]',
        '{"products": [{"sku": "A"}, {"sku": "B"}]}',
        '{"all": {"a": [{"product_input": {"sku": "A"}}], "b": [{"product_input": {"sku": "B"}}]}}',
    ],
)
def test_json_products_are_found_in_any_wrapper(text: str) -> None:
    assert rows(text, "json") == [(1, {"sku": "A"}), (2, {"sku": "B"})]


def test_a_file_that_is_not_json_is_refused() -> None:
    for text in ("{", "", '[{"sku": 1}', '[{"sku": 1}] x', "[NaN]", "[1,]", '{"a" 1}', "{1: 2}", "[1 2]"):
        with pytest.raises(InvalidRequest, match="not JSON"):
            check_structure(io.BytesIO(text.encode()), "json")


@pytest.mark.parametrize(("data", "message"), [(b"sku,name\nA,H\xf6fner\n", "UTF-8"), (b"", "empty")])
def test_a_file_that_cannot_be_read_is_found_before_anything_is_stored(data: bytes, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        check_encoding([data[:5], data[5:]])


def test_real_files_are_read_completely() -> None:
    with shared_file("catalogue/instruments-1200.csv").open("rb") as file:
        assert sum(isinstance(row, dict) for _, row in read_rows(file, "csv")) == 1200
    with shared_file("catalogue/products-with-specs-21.json").open("rb") as file:
        assert sum(isinstance(row, dict) for _, row in read_rows(file, "json")) == 21
