"""NCRONTAB schedules: what they mean, and what is wrong with a wrong one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.host.ncrontab import BadSchedule, parse

AFTER = datetime(2026, 3, 2, 12, 30, 15, 500_000, tzinfo=UTC)  # a Monday


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("* * * * * *", "2026-03-02T12:30:16"),
        ("0 * * * * *", "2026-03-02T12:31:00"),
        ("0 */5 * * * *", "2026-03-02T12:35:00"),
        ("30 30 12 * * *", "2026-03-02T12:30:30"),
        ("15 30 12 * * *", "2026-03-03T12:30:15"),
        ("0 0 2 * * *", "2026-03-03T02:00:00"),
        ("0 0 9-17 * * *", "2026-03-02T13:00:00"),
        ("0 0 8,20 * * *", "2026-03-02T20:00:00"),
        ("0 5/20 * * * *", "2026-03-02T12:45:00"),
        ("0 10-40/15 * * * *", "2026-03-02T12:40:00"),
        ("0 0 0 1 * *", "2026-04-01T00:00:00"),
        ("0 0 0 31 * *", "2026-03-31T00:00:00"),
        ("0 0 0 29 2 *", "2028-02-29T00:00:00"),
        ("0 0 0 * * 0", "2026-03-08T00:00:00"),
        ("0 0 0 * * Mon-Fri", "2026-03-03T00:00:00"),
        ("0 0 0 * * saturday", "2026-03-07T00:00:00"),
        ("0 0 0 * Dec *", "2026-12-01T00:00:00"),
        ("0 0 0 * January-March 6", "2026-03-07T00:00:00"),
        # Both must fit, unlike in cron: the 13th that is a Friday.
        ("0 0 0 13 * Fri", "2026-03-13T00:00:00"),
    ],
)
def test_the_following_time(schedule: str, expected: str) -> None:
    assert parse(schedule).following(AFTER) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("*/5 * * * *", "has 5 fields; six are needed"),
        ("00:30:00", "has 1 fields; six are needed"),
        ("60 * * * * *", "the second of a schedule goes from 0 to 59"),
        ("0 0 24 * * *", "the hour of a schedule goes from 0 to 23"),
        ("0 0 0 0 * *", "the day of a schedule goes from 1 to 31"),
        ("0 0 0 * 13 *", "the month of a schedule goes from 1 to 12"),
        ("0 0 0 * * 7", "the weekday of a schedule goes from 0 to 6"),
        ("0 0 0 * * Jan", "'jan' cannot be read as the weekday"),
        ("0 0 0 * mon *", "'mon' cannot be read as the month"),
        ("0 0 20-8 * * *", "the hour of a schedule goes from 0 to 23"),
        ("0 */0 * * * *", "the minute of a schedule"),
        ("0 *-5 * * * *", "the minute of a schedule"),
        ("0 x * * * *", "'x' cannot be read as the minute"),
        ("0 1, * * * *", "'' cannot be read as the minute"),
        ("0 L * * * *", "'l' cannot be read as the minute"),
    ],
)
def test_a_wrong_schedule_is_refused_by_its_part(schedule: str, said: str) -> None:
    with pytest.raises(BadSchedule, match=said):
        parse(schedule)


def test_a_schedule_that_never_comes_is_said_to() -> None:
    with pytest.raises(BadSchedule, match="never comes"):
        parse("0 0 0 30 2 *").following(AFTER)


def test_settings_stand_in_a_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTLY", "0 0 2 * * *")
    monkeypatch.setenv("HOUR", "2")
    assert parse("%NIGHTLY%").following(AFTER) == parse("0 0 %HOUR% * * *").following(AFTER)


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIGHTLY", raising=False)
    with pytest.raises(BadSchedule, match="the setting NIGHTLY is missing"):
        parse("%NIGHTLY%")


def _field(lowest: int, highest: int) -> st.SearchStrategy[frozenset[int]]:
    return st.frozensets(st.integers(lowest, highest), min_size=1)


@given(
    st.tuples(_field(0, 59), _field(0, 59), _field(0, 23), _field(1, 28), _field(1, 12)),
    st.integers(0, 10 * 365 * 24 * 3600).map(lambda seconds: AFTER + timedelta(seconds=seconds)),
)
def test_the_following_time_fits_and_none_before_it_does(
    fields: tuple[frozenset[int], ...], after: datetime
) -> None:
    schedule = parse(" ".join(",".join(map(str, values)) for values in fields) + " *")
    at = schedule.following(after)
    assert at > after
    assert all(
        value in allowed
        for value, allowed in zip((at.second, at.minute, at.hour, at.day, at.month), fields, strict=True)
    )
    # Going on from just before it gives it again: nothing fits in between.
    between = after + (at - after) / 2
    assert schedule.following(max(after, between)) == at
    assert schedule.following(at - timedelta(microseconds=1)) == at
