"""Files that are continued where they would get too large."""

from hypothesis import given
from hypothesis import strategies as st

from shared.channels.channel import OutFile
from shared.channels.export_pages import pages

LINES = st.lists(st.binary(min_size=1, max_size=30).filter(lambda line: not set(line) & set(b"\r\n")))


def read(file: OutFile, data: bytes) -> dict[str, bytes]:
    return {name: b"".join(chunks) for name, chunks in pages(file, [data])}


@given(lines=LINES, most=st.integers(40, 200))
def test_every_line_is_in_one_file_whole_and_in_order(lines: list[bytes], most: int) -> None:
    file = OutFile("a.csv", head=b"head\r\n", max_bytes=most)
    found = read(file, b"".join(line + b"\r\n" for line in lines))
    assert list(found) == ["a.csv", *(f"a-{number}.csv" for number in range(2, len(found) + 1))]
    bodies = [data.removeprefix(b"head\r\n") for data in found.values()]
    assert all(data.startswith(b"head\r\n") and len(data) <= most for data in found.values())
    assert b"".join(bodies) == b"".join(line + b"\r\n" for line in lines)


def test_a_line_that_is_too_large_has_a_file_of_its_own() -> None:
    found = read(OutFile("a.jsonl", max_bytes=5), b"1\n" + b"2" * 9 + b"\n3\n")
    assert list(found.values()) == [b"1\n", b"2" * 9 + b"\n", b"3\n"]


def test_without_a_limit_the_file_is_one() -> None:
    assert read(OutFile("a.xml", head=b"<a>", tail=b"</a>"), b"x") == {"a.xml": b"<a>x</a>"}
