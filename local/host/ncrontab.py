"""NCRONTAB: six fields (second minute hour day month day-of-week), in UTC.

Source: learn.microsoft.com, "Timer trigger for Azure Functions", NCRONTAB expressions. `*`, lists, ranges,
steps and English names; day and day-of-week must both match.
"""

import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_FIELDS = (
    ("second", 0, 59), ("minute", 0, 59), ("hour", 0, 23),
    ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 6),
)  # fmt: skip
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_NAMES = {
    **{
        name: n
        for n, name in enumerate(
            ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
        )
    },
    **{name: n for n, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])},
}
_FOUR_YEARS = 366 * 4


class BadSchedule(ValueError):
    """A schedule that cannot be read; the text says which part and what is allowed."""


@dataclass(frozen=True)
class Schedule:
    """When a timer runs: the allowed values of each field."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def following(self, after: datetime) -> datetime:
        """The first time later than `after`.

        Raises:
            BadSchedule: when there is none within four years (a 30th of February, say).
        """
        day = after.replace(hour=0, minute=0, second=0, microsecond=0)
        for _ in range(_FOUR_YEARS):
            weekday = (day.weekday() + 1) % 7
            if day.day in self.days and day.month in self.months and weekday in self.weekdays:
                for hour in self.hours:
                    for minute in self.minutes:
                        for second in self.seconds:
                            at = day.replace(hour=hour, minute=minute, second=second)
                            if at > after:
                                return at
            day += timedelta(days=1)
        raise BadSchedule("the schedule never comes")


def parse(text: str) -> Schedule:
    """Read a six-field expression, with `%NAME%` taken from the environment.

    Raises:
        BadSchedule: naming the field, or the setting that is missing.
    """
    if text.startswith("%") and text.endswith("%"):
        name = text.strip("%")
        if not os.environ.get(name):
            raise BadSchedule(f"the setting {name} is missing; it holds a schedule such as 0 */5 * * * *")
        text = os.environ[name]
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise BadSchedule(
            f"{text!r} has {len(parts)} fields; six are needed: second minute hour day month weekday"
        )
    values = [_values(part, *limits) for part, limits in zip(parts, _FIELDS, strict=True)]
    second, minute, hour, day, month, weekday = values
    return Schedule(second, minute, hour, frozenset(day), frozenset(month), frozenset(weekday))


def _values(text: str, name: str, lowest: int, highest: int) -> tuple[int, ...]:
    allowed: set[int] = set()
    for item in text.lower().split(","):
        found = re.fullmatch(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?", item)
        if found is None:
            raise BadSchedule(f"{item!r} cannot be read as the {name} of a schedule")
        start, stop, step = found.groups()
        first = lowest if start == "*" else _number(start, name)
        last = highest if start == "*" or (step and not stop) else first
        if stop:
            last = _number(stop, name)
        if not lowest <= first <= last <= highest or step == "0":
            raise BadSchedule(f"{item!r}: the {name} of a schedule goes from {lowest} to {highest}")
        allowed.update(range(first, last + 1, int(step or 1)))
    return tuple(sorted(allowed))


def _number(text: str, name: str) -> int:
    if text.isdigit():
        return int(text) % 7 if name == "weekday" and text == "7" else int(text)
    if text in _NAMES:
        return _NAMES[text]
    raise BadSchedule(f"{text!r} cannot be read as the {name} of a schedule")
