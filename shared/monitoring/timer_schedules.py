"""When the app's timers run next, computed from the schedules that the Functions host reads."""

import os
from collections.abc import Mapping
from datetime import datetime

from shared.config.ncrontab import BadSchedule, parse
from shared.domain.run import NIGHTLY

RECONCILE, CLEANUP = "reconcile", "cleanup"

_SETTINGS = {
    NIGHTLY: "NIGHTLY_SCHEDULE",
    RECONCILE: "RECONCILE_SCHEDULE",
    CLEANUP: "CLEANUP_SCHEDULE",
}


def next_times(after: datetime, environment: Mapping[str, str] = os.environ) -> dict[str, datetime | None]:
    """Return, by timer name, the first time (UTC) later than `after`.

    The value is None for a timer that is disabled, has no schedule, or has a time span as its schedule (only
    App Service plans accept time spans). Schedules are NCRONTAB: seconds come first, and both day and weekday
    must match. Source: learn.microsoft.com, "Timer trigger for Azure Functions".
    """
    return {name: _next(after, name, setting, environment) for name, setting in _SETTINGS.items()}


def _next(after: datetime, name: str, setting: str, environment: Mapping[str, str]) -> datetime | None:
    is_off = environment.get(f"AzureWebJobs.{name}.Disabled", "").lower() in ("1", "true")
    if is_off:
        return None
    try:
        return parse(environment.get(setting, "")).following(after)
    except BadSchedule:  # a time span, or none; a wrong schedule stops the host, which names it
        return None
