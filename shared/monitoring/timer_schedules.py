"""When the app's timers come next, by the same schedules that the Functions host reads."""

import os
from collections.abc import Mapping
from datetime import datetime

from croniter import croniter

from shared.domain.run import NIGHTLY

RECONCILE, CLEANUP = "reconcile", "cleanup"

_SETTINGS = {
    NIGHTLY: "NIGHTLY_SCHEDULE",
    RECONCILE: "RECONCILE_SCHEDULE",
    CLEANUP: "CLEANUP_SCHEDULE",
}


def next_times(after: datetime, environment: Mapping[str, str] = os.environ) -> dict[str, datetime | None]:
    """By timer, the first time later than `after` (UTC); None where the timer is off or has no schedule.

    Schedules are NCRONTAB: seconds first, and day and weekday must both fit (learn.microsoft.com, "Timer
    trigger for Azure Functions"). One may also be a time span, which only App Service plans take: None.
    """
    return {name: _next(after, name, setting, environment) for name, setting in _SETTINGS.items()}


def _next(after: datetime, name: str, setting: str, environment: Mapping[str, str]) -> datetime | None:
    schedule = environment.get(setting, "")
    is_off = environment.get(f"AzureWebJobs.{name}.Disabled", "").lower() in ("1", "true")
    if is_off or not croniter.is_valid(schedule, second_at_beginning=True):
        return None
    following: datetime = croniter(schedule, after, second_at_beginning=True, day_or=False).get_next(datetime)
    return following
