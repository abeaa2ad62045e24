"""CSV: framing, delimiters, headers, and rows with the wrong number of values."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalogue import csv_format
from shared.catalogue.rows import Item, Remark, Unreadable
from shared.domain.errors import InvalidRequest


def read(text: str) -> list[tuple[int, Item]]:
    return list(csv_format.rows(io.BytesIO(text.encode())))


def good(text: str) -> list[Item]:
    return [row for _, row in read(text) if isinstance(row, dict)]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('sku,name\nA,a\nB,"20 inch\nC,c\n', 3, "never closed"),
        ('sku,name\nA,"a"b\n', 2, "text follows a closing quote"),
        ('sku,name,x\nA,"20 inch,1\nB,b,2\nC,"c",3\n', 2, "text follows a closing quote"),
        ('sku,name,x\nA,"20 inch,1\nB,b,2\nC,14",3\nD,d,4\n', 2, None),
        ('sku,name,x\nA,"20 inch,1\nB,b,2\nC,14",3,4\n', 2, "takes in line 3, which looks like a row"),
        ('sku,name\nA,"' + "x" * 4_000_001 + '"\n', 2, "over 4,000,000 characters"),
        ('sku,name,"desc\nA,a,1\n', 1, "never closed"),
        ("sku,name\nA,a\nB" + ",x" * 4_000_001 + "\n", 3, "over 8,000,000 characters"),
        ('sku,name,x\nA,"' + 'y","\n' * 2_000_000 + '"\n', 2, "over 8,000,000 characters"),
    ],
)
def test_a_framing_error_refuses_the_file_with_its_line(text: str, line: int, reason: str | None) -> None:
    if reason is None:  # it is CSV, but never meant
        [remark] = [row for _, row in read(text) if isinstance(row, Remark)]
        assert remark.doubtful
        assert "takes in line 3" in remark.reason
        return
    with pytest.raises(InvalidRequest, match=reason) as caught:
        csv_format.check(io.BytesIO(text.encode()))
    assert f"line {line} " in caught.value.message


def test_a_long_value_over_many_lines_is_one_value() -> None:
    prose = "<p>a, b</p>\n" * 20_000
    rows = read(f'sku,name,description\nA,a,"{prose}"\nB,b,c\n')
    assert [line for line, _ in rows] == [2, 20_003]
    assert rows[0][1] == {"sku": "A", "name": "a", "description": prose}


def test_prose_over_lines_is_not_taken_for_rows() -> None:
    rows = read('sku,name,description\nA,a,"- one, two\n- three, four, five\n, six,"\n')
    assert [type(row) for _, row in rows] == [dict]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiters_inside_quotes_do_not_count(mark: str) -> None:
    others = "".join(other for other in ",;\t|" if other != mark) * 5
    text = mark.join(["sku", f'"size {others}"', "name"]) + "\n" + mark.join(["A", "1", f'"x{mark}y"']) + "\n"
    [row] = good(text)
    assert isinstance(row, dict)
    assert (row["sku"], row["name"]) == ("A", f"x{mark}y")


@pytest.mark.parametrize("hint", ["sep=;", "SEP=;", '"sep=;"', "\ufeffsep=;", "sep=,"])
def test_the_separator_line_of_excel_is_read(hint: str) -> None:
    assert read(f"{hint}\r\nsku;name\r\nA;a\r\n") == [(3, {"sku": "A", "name": "a"})]


def test_any_separator_may_be_named() -> None:
    assert good("sep=^\nsku^name\nA^a,b\n") == [{"sku": "A", "name": "a,b"}]


def test_a_header_cell_over_two_lines_is_one_header() -> None:
    rows = read('sku,name,"Weight\nin kg"\nA,a,5\n')
    assert rows == [(3, {"sku": "A", "name": "a", "weight in kg": "5"})]


def test_names_are_read_without_case_blanks_and_invisible_characters() -> None:
    rows = good("\n\u200bSKU , NAME,MSRP Price,Image-URI,Top  Wood,,\nA,a,1,u,oak,,\n")
    assert rows == [{"sku": "A", "name": "a", "msrp_price": "1", "image_uri": "u", "top wood": "oak"}]


def test_duplicate_columns_are_merged_when_that_is_certain() -> None:
    rows = read("sku,name,Color,color \nA,a,red,\nB,b,,blue\nC,c,red,red\nD,d,red,blue\n")
    assert [(line, row.field) for line, row in rows if isinstance(row, Remark)] == [(1, "color")]
    colours = [row["color"] if isinstance(row, dict) else row for line, row in rows if line > 1]
    assert colours == ["red", "blue", "red", Unreadable("is there twice, with different values", "color")]


def test_empty_cells_beyond_the_header_are_dropped_and_full_ones_refuse_the_row() -> None:
    rows = read("sku,name\nA,a,,\nB,b,x\nC\nD,d\n")
    assert [type(row) for _, row in rows] == [dict, Unreadable, Unreadable, dict]
    assert [line for line, _ in rows] == [2, 3, 4, 5]


def test_a_raw_line_break_makes_no_product() -> None:
    assert good("sku,name,x\nA,Dje\nmbe,1\nB,b,2\n") == [{"sku": "B", "name": "b", "x": "2"}]


def test_inches_in_plain_values_are_text() -> None:
    assert good('sku,name\nA,14" drum\nB,="00123"\nC, "c, d"\n') == [
        {"sku": "A", "name": '14" drum'},
        {"sku": "B", "name": '="00123"'},
        {"sku": "C", "name": "c, d"},
    ]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("sku,name," + "x" * 131_072, "column 3 .* 131072 characters"),
        ("x" * 131_072, "sku and name"),
        ("sku,name" + ",x" * 65_536, "65538 columns"),
        ("sku\nname", "sku and name"),
        ("\n" * 300 + "sku,name", "sku and name"),
        ("sep=", "sku and name"),
    ],
)
def test_a_header_that_cannot_be_read_refuses_the_file(header: str, reason: str) -> None:
    with pytest.raises(InvalidRequest, match=reason):
        csv_format.check(io.BytesIO(f"{header}\nA,a\n".encode()))


@given(
    st.lists(st.tuples(*[st.text(st.characters(exclude_categories=["Cs"]), min_size=1)] * 3), min_size=1),
    st.sampled_from(",;\t|"),
)
def test_what_a_writer_of_csv_writes_is_read(values: list[tuple[str, str, str]], delimiter: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("sku", "name", "x"), *values])
    rows = [tuple(row.values()) for row in good(text.getvalue()) if isinstance(row, dict)]
    assert rows == [value for value in values if any(part.strip() for part in value)]
