"""Telling the shop's own systems what a person should know: one POST to `NOTIFICATION_URL`."""

import logging

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from shared.clock import utcnow
from shared.settings import Settings

_SECONDS = 10
_RETRY = Retry(total=3, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=None)


def notify(settings: Settings, event: str, message: str, **facts: object) -> bool:
    """POST `{"event", "message", "at", …facts}`; the answer says whether it was taken.

    A notification that cannot be delivered is logged and stops nothing. It may arrive twice.
    """
    url = settings.notification_url.get_secret_value()
    if not url:
        return False
    body = {"event": event, "message": message, "at": utcnow().isoformat(), **facts}
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=_RETRY))
        try:
            response = session.post(url, json=body, timeout=_SECONDS)
            response.raise_for_status()
        except requests.RequestException as error:
            # The address may hold a secret, and so may the error's text.
            logging.error("notification %s was not delivered: %s", event, type(error).__name__)
            return False
    return True
