"""NCRONTAB schedules: six fields (second minute hour day month weekday), in UTC.

croniter expands the fields and finds the times. Its language differs from NCRONTAB: it only knows
three-letter names, and it accepts `L`, `?`, `#`, `@daily`, weekday 7, five or seven fields, and ranges that
wrap around. `parse` therefore refuses what is not NCRONTAB, and gives croniter numbers.

Sources: learn.microsoft.com, "Timer trigger for Azure Functions", NCRONTAB expressions; atifaziz/NCrontab,
`CrontabFieldImpl.cs`.
"""

import os
import re
from datetime import datetime
from typing import NamedTuple

from croniter import CroniterBadDateError, croniter

_MONTHS = "january february march april may june july august september october november december"
_WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday"
# Each field's name, the values that it may have, and their names.
_FIELDS = (
    ("second", range(60), ""),
    ("minute", range(60), ""),
    ("hour", range(24), ""),
    ("day", range(1, 32), ""),
    ("month", range(1, 13), _MONTHS),
    ("weekday", range(7), _WEEKDAYS),
)
_ITEM = re.compile(r"(?:\*|(?P<first>\d+)(?:-(?P<last>\d+))?)(?:/0*(?P<step>[1-9]\d*))?", re.ASCII)


class BadSchedule(ValueError):
    """A schedule that is not NCRONTAB. The text names the part that is wrong and what is allowed."""


class Schedule(NamedTuple):
    """When a timer runs: the text of its schedule, and the same schedule in numbers for croniter."""

    text: str
    numbers: str

    def following(self, after: datetime) -> datetime:
        """Returns the first time later than `after`. Day and weekday must both match, unlike in cron.

        Raises:
            BadSchedule: when there is none within 50 years (30 February, for example).
        """
        times = croniter(self.numbers, after, second_at_beginning=True, day_or=False)
        try:
            following: datetime = times.get_next(datetime)
        except CroniterBadDateError:
            raise BadSchedule(f"{self.text!r} never comes") from None
        return following


def parse(text: str) -> Schedule:
    """Reads a six-field expression. `%NAME%` is replaced by the environment variable NAME.

    Raises:
        BadSchedule: naming the field that is wrong, or the setting that is missing.
    """
    text = re.sub("%([^%]+)%", _setting, text)
    parts = text.lower().split()
    if len(parts) != len(_FIELDS):
        raise BadSchedule(
            f"{text!r} has {len(parts)} fields; six are needed: second minute hour day month weekday"
        )
    numbers = (
        ",".join(_numbers(item, *field) for item in part.split(","))
        for part, field in zip(parts, _FIELDS, strict=True)
    )
    return Schedule(text, " ".join(numbers))


def _setting(reference: re.Match[str]) -> str:
    name = reference[1]
    if not os.environ.get(name):
        raise BadSchedule(f"the setting {name} is missing; it holds a schedule such as 0 */5 * * * *")
    return os.environ[name]


def _numbers(item: str, field: str, values: range, names: str) -> str:
    """An item of a field's list in numbers. One value is written alone: croniter reads `5-5` as `*`."""

    def number(word: re.Match[str]) -> str:
        # NCrontab accepts any prefix of a name.
        named = zip(values, names.split(), strict=False)
        return next((str(value) for value, name in named if name.startswith(word[0])), word[0])

    found = _ITEM.fullmatch(re.sub(r"\b[a-z]+\b", number, item))
    if found is None:
        raise BadSchedule(f"{item!r} cannot be read as the {field} of a schedule")
    step = int(found["step"] or 1)
    if found["first"] is None:
        return f"*/{step}"
    first = int(found["first"])
    # As in NCrontab: `5/20` continues up to the highest value, but `5/1` is 5 alone.
    last = int(found["last"] or (values[-1] if step > 1 else first))
    if not values[0] <= first <= last <= values[-1]:
        raise BadSchedule(f"{item!r}: the {field} of a schedule goes from {values[0]} to {values[-1]}")
    return str(first) if first == last else f"{first}-{last}/{step}"
