"""Signed events of batches (`batch.completed`, `.failed`, `.cancelled`, `.expired`), posted to one URL.

They are signed according to the Standard Webhooks specification, which the openai SDK verifies. An event is
stored in the transaction that ends its job and delivered afterwards, so a killed process loses none.
"""

import base64
import hashlib
import hmac
import logging
import sqlite3
import threading
import time
import uuid
from typing import Any

import orjson
import requests

from local.openai_emulator.config import EmulatorConfig
from local.openai_emulator.emulator_clock import Clock
from local.openai_emulator.emulator_store import Store
from local.openai_emulator.faults import Faults
from local.openai_emulator.jobs import Job

_TICK = 0.05
_TIMEOUT = 10
# A failed delivery is retried after 5, 10, 20, … seconds.
_FIRST_RETRY = 5
_MOST_ATTEMPTS = 6
_PREFIX = "whsec_"
log = logging.getLogger(__name__)


class Webhooks:
    """Announces and delivers events. Does nothing if no URL is configured."""

    def __init__(self, config: EmulatorConfig, store: Store, clock: Clock, faults: Faults) -> None:
        self._url = config.webhook_url
        self._secret = config.webhook_secret
        self._store = store
        self._clock = clock
        self._faults = faults
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="emulator-webhooks", daemon=True)

    def start(self) -> None:
        """Start the delivery thread. On a virtual clock there is none: `Emulator.advance` calls `deliver`."""
        if self._url is not None and not self._clock.virtual:
            self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def announce(self, connection: sqlite3.Connection, job: Job) -> None:
        """Store the event of a job that has ended, in the transaction of its end."""
        if self._url is None:
            return
        type_ = f"batch.{job.status}"
        event = {
            "id": f"evt_{uuid.uuid4().hex}",
            "object": "event",
            "created_at": int(self._clock.now()),
            "type": type_,
            "data": {"id": job.id},
        }
        effects = self._faults.effects_for("webhook", {"type": type_}, key=job.id)
        row = (
            f"wh_{uuid.uuid4().hex}",
            orjson.dumps(event).decode(),
            orjson.dumps(effects).decode(),
            self._clock.now() + effects.get("delay", 0),
        )
        for _ in range(effects.get("copies", 1)):
            connection.execute("INSERT INTO webhooks (id, event, effects, due_at) VALUES (?, ?, ?, ?)", row)
        self._faults.save(connection)

    def deliver(self) -> None:
        """Post the events that are due. Failed ones are retried later."""
        with self._lock:
            due = self._store.rows(
                "SELECT * FROM webhooks WHERE delivered_at IS NULL AND due_at <= ? AND attempts < ? "
                "ORDER BY seq",
                (self._clock.now(), _MOST_ATTEMPTS),
            )
            for row in due:
                self._deliver(row)

    def sent(self) -> list[dict[str, Any]]:
        """All events so far: {id, event, due_at, attempts, delivered_at, status}, oldest first."""
        rows = self._store.rows("SELECT * FROM webhooks ORDER BY seq")
        return [
            {
                "id": row["id"],
                "event": orjson.loads(row["event"]),
                "due_at": row["due_at"],
                "attempts": row["attempts"],
                "delivered_at": row["delivered_at"],
                "status": row["status"],
            }
            for row in rows
        ]

    def _run(self) -> None:
        while not self._stop.wait(_TICK):
            self.deliver()

    def _deliver(self, row: sqlite3.Row) -> None:
        status = self._post(row["id"], row["event"], orjson.loads(row["effects"]))
        done = status is not None and status < 300
        self._store.execute(
            "UPDATE webhooks SET attempts = attempts + 1, status = ?, delivered_at = ?, due_at = ? "
            "WHERE seq = ?",
            (
                status,
                self._clock.now() if done else None,
                row["due_at"] if done else self._clock.now() + _FIRST_RETRY * 2 ** row["attempts"],
                row["seq"],
            ),
        )

    def _post(self, webhook_id: str, event: str, effects: dict[str, Any]) -> int | None:
        """Post an event. Returns the receiver's status, or None when it could not be reached."""
        # The receiver compares this with its machine's time, so it must not come from a virtual clock.
        timestamp = str(int(time.time() + effects.get("dated", 0)))
        secret = f"forged-{self._secret}" if effects.get("forged") else self._secret
        headers = {
            "Content-Type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(secret, webhook_id, timestamp, event),
        }
        try:
            response = requests.post(str(self._url), data=event.encode(), headers=headers, timeout=_TIMEOUT)
        except requests.RequestException as error:
            log.warning("event %s could not be delivered: %s", webhook_id, error)
            return None
        return response.status_code


def signature(secret: str, webhook_id: str, timestamp: str, payload: str) -> str:
    """The `webhook-signature` of a payload. A secret without the prefix `whsec_` is used unchanged."""
    key = base64.b64decode(secret.removeprefix(_PREFIX)) if secret.startswith(_PREFIX) else secret.encode()
    signed = f"{webhook_id}.{timestamp}.{payload}".encode()
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
