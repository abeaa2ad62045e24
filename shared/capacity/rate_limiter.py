"""A pace that all workers keep together: turns, evenly spaced, given out by one row."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.clock import utcnow
from shared.persistence.entity_codec import Entity
from shared.persistence.table import Table, etag_of

_PARTITION = "pace"
_TRIES = 50


@dataclass(frozen=True)
class Turn:
    """When it is somebody's turn, in seconds from now. Not `taken`: it was too far off to be kept."""

    seconds: float
    taken: bool


class RateLimiterBusy(Exception):
    """The row of a pace kept changing; the caller's retry will meet a quieter moment."""


class RateLimiter:
    """So many turns a minute. Evenly spaced, since a service counts within seconds and not minutes."""

    def __init__(self, table: Table, name: str, per_minute: int) -> None:
        self._table = table
        self._name = name
        self._interval = timedelta(minutes=1) / per_minute

    def take(self, patience: float) -> Turn:
        """Take the next turn, unless it is more than `patience` seconds away."""
        for _ in range(_TRIES):
            now, row = utcnow(), self._row()
            turn = max(now, row["next_at"]) if row else now
            seconds = (turn - now).total_seconds()
            if seconds > patience:
                return Turn(seconds, taken=False)
            if self._write(row, turn + self._interval):
                return Turn(seconds, taken=True)
        raise RateLimiterBusy(f"The pace of {self._name} kept changing.")

    def hold(self, seconds: float) -> None:
        """Give out no turn for so long: the service asked for it."""
        for _ in range(_TRIES):
            row, until = self._row(), utcnow() + timedelta(seconds=seconds)
            if (row and row["next_at"] >= until) or self._write(row, until):
                return
        raise RateLimiterBusy(f"The pace of {self._name} kept changing.")

    def _row(self) -> Entity | None:
        return self._table.get(_PARTITION, self._name)

    def _write(self, before: Entity | None, next_at: datetime) -> bool:
        row = {"PartitionKey": _PARTITION, "RowKey": self._name, "next_at": next_at}
        return self._table.write(row, etag_of(before) if before else None)
