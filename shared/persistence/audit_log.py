"""The activity table: the audit entries, newest first, and the latest run of each timer."""

import uuid
from datetime import datetime
from itertools import islice

from shared.domain.audit import AuditEntry, TimerRun
from shared.domain.clock import utcnow
from shared.domain.ids import newest_first_id
from shared.persistence.entity_codec import encode, readable
from shared.persistence.table import Table

_ENTRIES, _TIMERS = "deeds", "timers"


class AuditLog:
    """Writes and reads audit entries and timer runs."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def record(self, who: str, did: str, what: str = "") -> None:
        """Store an audit entry with the current time."""
        entry = AuditEntry(at=utcnow(), who=who, did=did, what=what)
        self._table.upsert(encode(_ENTRIES, newest_first_id(entry.at, uuid.uuid4().hex), entry))

    def latest(self, limit: int) -> list[AuditEntry]:
        """The latest entries, newest first."""
        rows = self._table.query(_ENTRIES, page_size=limit)
        return list(readable(AuditEntry, islice(rows, limit)))

    def forget(self, before: datetime) -> int:
        """Delete the entries older than `before`. Returns their number."""
        start = newest_first_id(before, "")[:15]
        old = [row["RowKey"] for row in self._table.query(_ENTRIES, start=start, select=["RowKey"])]
        for key in old:
            self._table.delete(_ENTRIES, key)
        return len(old)

    def timer_ran(self, name: str, result: str) -> None:
        """Store that a timer has finished a run, and what it did."""
        run = TimerRun(name=name, last_at=utcnow(), said=result)
        self._table.upsert(encode(_TIMERS, name, run))

    def timers(self) -> list[TimerRun]:
        """The timers that have run, by name."""
        return list(readable(TimerRun, self._table.query(_TIMERS)))
