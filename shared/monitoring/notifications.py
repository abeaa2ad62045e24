"""Notifications to the shop's own systems: one POST to `NOTIFICATION_URL` per event."""

import logging
import time

import requests

from shared.config.settings import Settings
from shared.domain.clock import utcnow

_TIMEOUT_SECONDS = 10
# Pauses between tries. urllib3's own retries are not used: they log the URL, which may contain a secret.
_PAUSES = (0.5, 2.0)


def notify(settings: Settings, event: str, message: str, **facts: object) -> bool:
    """POST `{"event", "message", "at", …facts}` and return True when the receiver accepted it.

    A failed delivery is logged and never raises. The receiver may get a notification twice.
    """
    url = settings.notification_url.get_secret_value()
    if not url:
        return False
    body = {"event": event, "message": message, "at": utcnow().isoformat(), **facts}
    problem = _post(url, body)
    for pause in _PAUSES:
        if problem is None:
            return True
        time.sleep(pause)
        problem = _post(url, body)
    if problem is not None:
        logging.error("notification %s was not delivered: %s", event, problem)
    return problem is None


def _post(url: str, body: dict[str, object]) -> str | None:
    """Return what went wrong, without the URL, or None when the receiver accepted the notification."""
    try:
        response = requests.post(url, json=body, timeout=_TIMEOUT_SECONDS)
    except requests.RequestException as error:
        return type(error).__name__
    return None if response.ok else f"HTTP {response.status_code}"
