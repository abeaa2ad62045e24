"""Times in histories: written in DurableTask's format, and read as the SDK reads them."""

from datetime import UTC, datetime

import dateutil.parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.host.history import timestamp
from local.host.replay import parse_time


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - has its zone
def test_a_time_is_read_as_the_sdk_reads_it(at: datetime) -> None:
    text = timestamp(at)
    assert parse_time(text) == dateutil.parser.parse(text) == at
    assert parse_time(text).tzinfo == dateutil.parser.parse(text).tzinfo
    assert str(parse_time(text)) == str(dateutil.parser.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "2025-11-04T03:00:00.1234567Z",
        "2025-11-04T03:00:00Z",
        "2025-11-04T03:00:00.5+00:00",
        "2025-11-04T03:00",
    ],
)
def test_other_notations_too(text: str) -> None:
    assert parse_time(text) == dateutil.parser.parse(text)
    assert parse_time(text).tzinfo == dateutil.parser.parse(text).tzinfo
