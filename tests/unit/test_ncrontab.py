"""NCRONTAB schedules: their times, and the messages for wrong ones."""

from datetime import UTC, datetime, timedelta
from itertools import count, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config.ncrontab import BadSchedule, parse

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
        # Day and weekday must both match, unlike in cron: the 13th that is a Friday.
        ("0 0 0 13 * Fri", "2026-03-13T00:00:00"),
        ("0 0 0 29 2 Mon", "2044-02-29T00:00:00"),
        # NCrontab reads these as one value. croniter reads the first as all values, and the last as 5 to 59.
        ("0 5-5 * * * *", "2026-03-02T13:05:00"),
        ("0 59/15 * * * *", "2026-03-02T12:59:00"),
        ("0 5/1 * * * *", "2026-03-02T13:05:00"),
        ("0 0 0 * n *", "2026-11-01T00:00:00"),
    ],
)
def test_the_following_time(schedule: str, expected: str) -> None:
    assert parse(schedule).following(AFTER) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "message"),
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
        ("0 0 0 * 1jan *", "'1jan' cannot be read as the month"),
        # croniter accepts these.
        ("0 L * * * *", "'l' cannot be read as the minute"),
        ("0 0 0 L * *", "'l' cannot be read as the day"),
        ("0 0 0 15W * *", "'15w' cannot be read as the day"),
        ("0 0 0 ? * *", r"'\?' cannot be read as the day"),
        ("0 0 0 * * 2#1", "'2#1' cannot be read as the weekday"),
        ("R R * * * *", "'r' cannot be read as the second"),
        ("0 0 0 * * 5-7", "the weekday of a schedule goes from 0 to 6"),
        ("0 0 0 * * Sat-Sun", "the weekday of a schedule goes from 0 to 6"),
        ("0 0 0 * * * 2026", "has 7 fields; six are needed"),
        ("@daily", "has 1 fields; six are needed"),
        ("", "has 0 fields; six are needed"),
    ],
)
def test_a_wrong_schedule_is_refused_by_its_part(schedule: str, message: str) -> None:
    with pytest.raises(BadSchedule, match=message):
        parse(schedule)


def test_a_schedule_without_any_time_is_refused() -> None:
    with pytest.raises(BadSchedule, match="never comes"):
        parse("0 0 0 30 2 *").following(AFTER)


def test_a_schedule_may_name_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTLY", "0 0 2 * * *")
    monkeypatch.setenv("HOUR", "2")
    assert parse("%NIGHTLY%").following(AFTER) == parse("0 0 %HOUR% * * *").following(AFTER)


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIGHTLY", raising=False)
    with pytest.raises(BadSchedule, match="the setting NIGHTLY is missing"):
        parse("%NIGHTLY%")


@st.composite
def _field(draw: st.DrawFn, lowest: int, highest: int) -> tuple[str, set[int]]:
    """One field of a schedule, and the values that it allows."""
    texts, allowed = [], set[int]()
    for _ in range(draw(st.integers(1, 3))):
        first, last = sorted(draw(st.tuples(*[st.integers(lowest, highest)] * 2)))
        step = draw(st.integers(2, 70))
        text, values = draw(
            st.sampled_from(
                [
                    (f"{first}", range(first, first + 1)),
                    (f"{first}-{last}", range(first, last + 1)),
                    (f"{first}-{last}/{step}", range(first, last + 1, step)),
                    (f"{first}/{step}", range(first, highest + 1, step)),
                    (f"*/{step}", range(lowest, highest + 1, step)),
                    ("*", range(lowest, highest + 1)),
                ]
            )
        )
        texts.append(text)
        allowed |= set(values)
    return ",".join(texts), allowed


@given(
    st.tuples(_field(0, 59), _field(0, 59), _field(0, 23), _field(1, 31), _field(1, 12), _field(0, 6)),
    st.integers(0, 10 * 365 * 24 * 3600 * 1_000_000).map(lambda us: AFTER + timedelta(microseconds=us)),
)
def test_the_following_time_is_the_first_that_every_field_allows(
    fields: tuple[tuple[str, set[int]], ...], after: datetime
) -> None:
    seconds, minutes, hours, days, months, weekdays = (allowed for _, allowed in fields)
    matching = (
        at
        for day in (after.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(n) for n in count())
        if day.day in days and day.month in months and day.isoweekday() % 7 in weekdays
        for time in product(sorted(hours), sorted(minutes), sorted(seconds))
        if (at := day.replace(hour=time[0], minute=time[1], second=time[2])) > after
    )
    schedule = parse(" ".join(text for text, _ in fields))
    try:
        following = schedule.following(after)
    except BadSchedule:
        # 30 and 31 February, or the 31st of short months only.
        assert not any(
            day <= 31 - (month in (4, 6, 9, 11)) - 2 * (month == 2) for day in days for month in months
        )
    else:
        assert following == next(matching)
