"""The journal: every call that arrived, in order, with its fault and its response status.

A call is recorded before it is carried out. So a call without a response (a dropped connection, a killed
process) is in the journal too, without a status.
"""

from typing import Any

import orjson

from local.openai_emulator.emulator_clock import Clock
from local.openai_emulator.emulator_store import Store


class Journal:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def enter(self, method: str, path: str, call: str, fault: dict[str, Any]) -> int:
        """Record a call and return its number."""
        with self._store.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO journal (time, method, path, call, fault) VALUES (?, ?, ?, ?, ?)",
                (self._clock.now(), method, path, call, orjson.dumps(fault).decode() if fault else None),
            )
            return int(cursor.lastrowid or 0)

    def close(self, number: int, status: int) -> None:
        """Record the response status of a call."""
        self._store.execute("UPDATE journal SET status = ? WHERE seq = ?", (status, number))

    def read(self, after: int = 0, call: str | None = None) -> list[dict[str, Any]]:
        """Entries after number `after`, oldest first: {seq, time, method, path, call, fault, status}."""
        rows = self._store.rows(
            "SELECT * FROM journal WHERE seq > ? AND (? IS NULL OR call = ?) ORDER BY seq",
            (after, call, call),
        )
        return [dict(row) | {"fault": orjson.loads(row["fault"]) if row["fault"] else None} for row in rows]
