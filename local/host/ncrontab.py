"""NCRONTAB: six fields (second minute hour day month day-of-week), in UTC.

Sources: learn.microsoft.com, "Timer trigger for Azure Functions", NCRONTAB expressions; atifaziz/NCrontab,
`CrontabFieldImpl.cs`. `*`, lists, ranges, steps and English names; day and day-of-week must both match.
"""

import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_FOUR_YEARS_OF_DAYS = 366 * 4
_ITEM = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?")


class BadSchedule(ValueError):
    """A schedule that cannot be read; the text says which part and what is allowed."""


@dataclass(frozen=True)
class _Field:
    """One field of a schedule: its name, its bounds (both included), the names of its values."""

    name: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()


_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 6, _WEEKDAYS),
)


@dataclass(frozen=True)
class Schedule:
    """When a timer runs: the allowed values of each field, and the text that they come from."""

    text: str
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
        for _ in range(_FOUR_YEARS_OF_DAYS):
            if self._falls_on(day):
                for hour in self.hours:
                    if day.replace(hour=hour, minute=59, second=59) <= after:
                        continue
                    for minute in self.minutes:
                        for second in self.seconds:
                            at = day.replace(hour=hour, minute=minute, second=second)
                            if at > after:
                                return at
            day += timedelta(days=1)
        raise BadSchedule(f"{self.text!r} never comes")

    def _falls_on(self, day: datetime) -> bool:
        weekday = (day.weekday() + 1) % 7
        return day.day in self.days and day.month in self.months and weekday in self.weekdays


def parse(text: str) -> Schedule:
    """Read a six-field expression, with `%NAME%` taken from the environment.

    Raises:
        BadSchedule: naming the field, or the setting that is missing.
    """
    text = re.sub("%([^%]+)%", _setting, text)
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise BadSchedule(
            f"{text!r} has {len(parts)} fields; six are needed: second minute hour day month weekday"
        )
    second, minute, hour, day, month, weekday = map(_values, parts, _FIELDS)
    return Schedule(text, second, minute, hour, frozenset(day), frozenset(month), frozenset(weekday))


def _setting(reference: re.Match[str]) -> str:
    name = reference[1]
    if not os.environ.get(name):
        raise BadSchedule(f"the setting {name} is missing; it holds a schedule such as 0 */5 * * * *")
    return os.environ[name]


def _values(text: str, field: _Field) -> tuple[int, ...]:
    allowed: set[int] = set()
    for item in text.lower().split(","):
        found = _ITEM.fullmatch(item)
        if found is None:
            raise BadSchedule(f"{item!r} cannot be read as the {field.name} of a schedule")
        start, stop, step = found.groups()
        if start == "*":
            first, last = field.lowest, field.highest
        else:
            first = _number(start, field)
            last = _number(stop, field) if stop else field.highest if step else first
        if not field.lowest <= first <= last <= field.highest or step == "0" or (start == "*" and stop):
            raise BadSchedule(
                f"{item!r}: the {field.name} of a schedule goes from {field.lowest} to {field.highest}"
            )
        allowed.update(range(first, last + 1, int(step or 1)))
    return tuple(sorted(allowed))


def _number(text: str, field: _Field) -> int:
    if text.isdecimal():
        return int(text)
    for number, name in enumerate(field.names, start=field.lowest):
        # Any beginning of a name stands for it, as in NCrontab.
        if name.startswith(text):
            return number
    raise BadSchedule(f"{text!r} cannot be read as the {field.name} of a schedule")
