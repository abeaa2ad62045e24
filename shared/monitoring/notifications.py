"""Telling the shop's own systems what a person should know: one POST to `NOTIFICATION_URL`."""

import logging
import time

import requests

from shared.config.settings import Settings
from shared.domain.clock import utcnow

_SECONDS = 10
# Between tries. Not urllib3's own retries: they write the address, which may hold a secret, into the log.
_PAUSES = (0.5, 2.0)


def notify(settings: Settings, event: str, message: str, **facts: object) -> bool:
    """POST `{"event", "message", "at", …facts}`; the answer says whether it was taken.

    A notification that cannot be delivered is logged and stops nothing. It may arrive twice.
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
    """What went wrong, in words that do not hold the address; None when the notification was taken."""
    try:
        response = requests.post(url, json=body, timeout=_SECONDS)
    except requests.RequestException as error:
        return type(error).__name__
    return None if response.ok else f"HTTP {response.status_code}"
