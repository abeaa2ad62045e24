"""How often a waiting batch is checked."""

from datetime import datetime

from shared.config.settings import Settings


def poll_seconds(settings: Settings, submitted_at: datetime | None, now: datetime) -> int:
    """Seconds to wait before the next check: a tenth of the time since submitting, within the settings."""
    waited = (now - submitted_at).total_seconds() if submitted_at else 0
    return int(min(settings.poll_max_seconds, max(settings.poll_initial_seconds, waited / 10)))
