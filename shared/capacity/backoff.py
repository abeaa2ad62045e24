"""How long to wait before a call that failed, or that found no quota, is tried again."""

from datetime import timedelta

from shared.config.settings import Settings


def backoff_seconds(settings: Settings, waited: timedelta = timedelta(0), shortest: int | None = None) -> int:
    """Seconds to wait: as long as the wait has lasted so far, within the settings.

    The pauses double without a counter. `shortest` replaces the shortest pause of the settings, for example
    by Azure's `Retry-After`. No pause is longer than `quota_backoff_max_seconds`, whatever Azure asks for.
    """
    if shortest is None:
        shortest = settings.quota_backoff_seconds
    return int(min(settings.quota_backoff_max_seconds, max(shortest, waited.total_seconds())))
