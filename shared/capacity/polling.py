"""How often what waits is looked at."""

from datetime import datetime

from shared.config.settings import Settings


def poll_seconds(settings: Settings, submitted_at: datetime | None, now: datetime) -> int:
    """A tenth of the time a job has taken so far, within the settings: soon at first, rarely after hours."""
    waited = (now - submitted_at).total_seconds() if submitted_at else 0
    return int(min(settings.poll_max_seconds, max(settings.poll_initial_seconds, waited / 10)))
