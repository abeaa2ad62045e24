"""JSON as a stream and JSON Lines: which objects are rows, and what hostile documents do."""

import io
import tracemalloc
from math import inf
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalogue import json_format, json_lines_format, json_source
from shared.catalogue.rows import Item, Unreadable
from shared.domain.errors import InvalidRequest


def read(text: str | bytes) -> list[Item]:
    data = text.encode() if isinstance(text, str) else text
    json_format.check(io.BytesIO(data))
    return [row for _, row in json_format.rows(io.BytesIO(data))]


def read_lines(text: str) -> list[tuple[int, Item]]:
    return list(json_lines_format.rows(io.BytesIO(text.encode())))


def skus(text: str | bytes) -> list[Any]:
    return [row.get("sku") if isinstance(row, dict) else row.reason for row in read(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"sku": "A", "name": "a", "variants": [{"sku": "B"}]}', ["A"]),
        ('[{"variants": [{"sku": "B"}], "sku": "A"}]', ["A"]),
        ('{"name": "My shop", "products": [{"sku": "A"}, {"sku": "B"}]}', ["A", "B"]),
        ('[{"category": "Pianos", "products": [{"sku": "A"}]}, {"products": []}]', ["A"]),
        ('{"A": {"sku": "A"}, "B": {"name": "b"}}', ["A", None]),
        ('[{"brand": "no sku and no name"}]', [None]),
        ('[{"SKU ": "A"}, {"Product_Input": {"Sku": "B"}}]', ["A", "B"]),
        ('[1, "x", null, [{"sku": "A"}]]', ["is not a JSON object"] * 3 + ["A"]),
        ('"text"', ["is not a JSON object"]),
        ("[]", []),
        ("{}", []),
    ],
)
def test_rows_are_found_at_any_depth(text: str, found: list[Any]) -> None:
    assert skus(text) == found


@pytest.mark.parametrize("text", ['{"sku": "A", "sku": "B"}', '{"sku": "A", "SKU": "B"}'])
def test_a_key_that_is_there_twice_refuses_the_row(text: str) -> None:
    refused = Unreadable("is there twice, with different values", "sku")
    assert read(f"[{text}]") == [refused]
    assert read_lines(text) == [(1, refused)]
    assert read(f"[{text.replace('B', 'A')}]") == [{"sku": "A"}]


def test_keys_are_read_like_headers() -> None:
    row = {"sku": "A", "msrp_price": 5, "top wood": "oak"}
    assert read('[{" SKU": "A", "MSRP Price": 5, "Top  Wood": "oak"}]') == [row]
    assert read_lines('{" SKU": "A", "MSRP Price": 5, "Top  Wood": "oak"}') == [(1, row)]


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_nesting_of_a_thousand_refuses_the_file_or_the_line(depth: int) -> None:
    deep = '{"sku": "A", "x": ' + "[" * depth + "]" * depth + "}"
    with pytest.raises(InvalidRequest, match="after row 1: a value is nested too deep"):
        read(f'[{{"sku": "B"}}, {deep}]')
    with pytest.raises(InvalidRequest, match="nested too deep"):
        read("[" * (depth + 1) + "]" * (depth + 1))
    assert read_lines(f'{deep}\n{{"sku": "B"}}\n') == [
        (1, Unreadable("is not JSON: it is nested too deep")),
        (2, {"sku": "B"}),
    ]


@pytest.mark.parametrize("depth", [100, 400, 900])
def test_nesting_that_can_be_decoded_costs_at_most_the_row(depth: int) -> None:
    deep = '{"x": ' * depth + "1" + "}" * depth
    rows = read(f'[{deep}, {{"sku": "A", "x": {deep}, "X": {deep}}}, {{"sku": "B"}}]')
    assert rows[-1] == {"sku": "B"}
    assert len(rows) == 3


def test_a_row_that_is_too_large_refuses_the_file_or_the_line() -> None:
    large = '{"sku": "A", "x": [' + ",".join(["1"] * 2_000_000) + "]}"
    with pytest.raises(InvalidRequest, match="after row 1: a row, with the key 'sku', has over 2,000,000"):
        read(f'{{"all": [{{"sku": "B"}}, {large}]}}')
    with pytest.raises(InvalidRequest, match="a value has over 2,000,000"):
        read('["' + "x" * 3_000_000 + '"]')
    text = '{"sku": "A", "x": "' + "y" * 4_000_000 + '"}\n{"sku": "B"}'
    assert read_lines(text) == [(1, Unreadable("has over 4,000,000 bytes")), (2, {"sku": "B"})]


def test_an_integer_of_any_length_is_a_number() -> None:
    assert read('[{"sku": 4006381333931, "x": ' + "1" * 5_000 + "}]") == [{"sku": 4006381333931, "x": inf}]


@pytest.mark.parametrize("bad", ["{oops", '{"a": NaN}', "1" * 5, '"\\ud800', "[1]"])
def test_a_broken_line_costs_that_line(bad: str) -> None:
    read = read_lines(f'{bad}\n{{"sku": "B"}}')
    assert isinstance(read[0][1], Unreadable)
    assert read[1] == (2, {"sku": "B"})


@pytest.mark.parametrize(
    "frame",
    [b"[%s]", b'{"shop": {"name": "x"}, "products": [%s]}', b'{"a": {"b": [[%s]]}}', b'[{"p": [%s]}]'],
)
def test_a_large_document_is_read_in_little_memory(frame: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_source, "LARGEST_VALUE", 20_000)
    monkeypatch.setattr(json_source, "_CHUNK", 4_000)
    row = b'{"sku": "A-%d", "name": "Alpha", "specs": {"keys": 88, "tags": ["x"]}}'
    data = frame % b",".join(row % number for number in range(10_000))
    tracemalloc.start()
    count = sum(isinstance(row, dict) and "sku" in row for _, row in json_format.rows(io.BytesIO(data)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 10_000
    assert peak < len(data)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=8,
)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@given(given_rows=st.lists(st.dictionaries(st.sampled_from("xyz"), plain, max_size=3)))
def test_a_stream_gives_what_was_written_however_it_is_cut(
    size: int, given_rows: list[dict[str, Any]]
) -> None:
    expected = [{"sku": "A", **row} for row in given_rows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_source, "_CHUNK", size)
        assert read(orjson.dumps(expected)) == expected
