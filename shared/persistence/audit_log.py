"""The activity table: who did what, the newest first, and when each timer was here last."""

import uuid
from datetime import datetime
from itertools import islice

from shared.domain.audit import AuditEntry, TimerRun
from shared.domain.clock import utcnow
from shared.domain.ids import newest_first_id
from shared.persistence.entity_codec import decode, encode
from shared.persistence.table import Table

_DEEDS, _TIMERS = "deeds", "timers"


class AuditLog:
    """Writes and reads deeds and timer runs."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def record(self, who: str, did: str, what: str = "") -> None:
        """Write down that something was done."""
        deed = AuditEntry(at=utcnow(), who=who, did=did, what=what)
        self._table.upsert(encode(_DEEDS, newest_first_id(deed.at, uuid.uuid4().hex), deed))

    def latest(self, limit: int) -> list[AuditEntry]:
        """The latest deeds, newest first."""
        rows = self._table.query(_DEEDS, page_size=limit)
        return [decode(AuditEntry, row) for row in islice(rows, limit)]

    def forget(self, before: datetime) -> int:
        """Delete deeds done before a time; the answer is how many."""
        oldest = newest_first_id(before, "")[:15]
        old = [row["RowKey"] for row in self._table.query(_DEEDS, start=oldest, select=["RowKey"])]
        for key in old:
            self._table.delete(_DEEDS, key)
        return len(old)

    def timer_ran(self, name: str, said: str) -> None:
        """Write down that a timer has done its work, and what that was."""
        run = TimerRun(name=name, last_at=utcnow(), said=said)
        self._table.upsert(encode(_TIMERS, name, run))

    def timers(self) -> list[TimerRun]:
        """The timers that have run, by name."""
        return [decode(TimerRun, row) for row in self._table.query(_TIMERS)]
