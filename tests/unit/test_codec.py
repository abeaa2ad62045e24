from datetime import UTC, datetime
from enum import StrEnum

import pytest
from azure.data.tables import EdmType, EntityProperty
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from shared.domain.stored import STORE_VERSION, Stored
from shared.persistence.entity_codec import MAX_STRING, EntityTooLarge, decode, encode


class Kind(StrEnum):
    ONE = "one"


class Part(BaseModel):
    text: str


class Record(Stored):
    name: str = ""
    kind: Kind = Kind.ONE
    number: int = 0
    price: float | None = None
    flag: bool = False
    at: datetime | None = None
    parts: list[Part] = Field(default_factory=list)
    specs: dict[str, str] = Field(default_factory=dict)
    part: Part | None = None


# Table strings are UTF-16 text: no lone surrogates.
texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    st.builds(
        Record,
        name=texts,
        number=st.integers(-(2**63), 2**63 - 1),
        price=st.none() | st.floats(allow_nan=False),
        flag=st.booleans(),
        at=st.none() | st.datetimes(timezones=st.just(UTC)),
        parts=st.lists(st.builds(Part, text=texts)),
        specs=st.dictionaries(texts, texts),
        part=st.none() | st.builds(Part, text=texts),
    )
)
def test_what_is_written_is_read_back(record: Record) -> None:
    assert decode(Record, encode("p", "r", record)) == record


def test_long_lists_are_split_into_chunks_that_azure_accepts() -> None:
    record = Record(parts=[Part(text="ä😀" * 20_000)])
    entity = encode("p", "r", record)
    pieces = [value for key, value in entity.items() if key.startswith("parts") and isinstance(value, str)]
    assert len(pieces) > 1
    assert all(len(piece.encode("utf-16-le")) <= 65_536 for piece in pieces)
    assert decode(Record, entity) == record


def test_none_is_an_empty_string_and_large_integers_are_int64() -> None:
    entity = encode("p", "r", Record(number=2**31), only={"price", "number"})
    assert entity == {
        "PartitionKey": "p",
        "RowKey": "r",
        "schema_version": STORE_VERSION,
        "price": "",
        "number": EntityProperty(2**31, EdmType.INT64),
    }


def test_what_azure_would_refuse_is_refused_here() -> None:
    with pytest.raises(EntityTooLarge, match=r"p/r: name has \d+ characters"):
        encode("p", "r", Record(name="x" * (MAX_STRING + 1)))
    with pytest.raises(EntityTooLarge, match=r"p/r: \d+ bytes"):
        encode("p", "r", Record(parts=[Part(text="x" * 600_000)]))
