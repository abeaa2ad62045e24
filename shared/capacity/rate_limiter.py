"""A rate limit that all workers share: one row gives out turns, evenly spaced."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from shared.domain.clock import utcnow
from shared.persistence.entity_codec import Entity, stamp
from shared.persistence.read_modify_write import update_row
from shared.persistence.table import Table

_PARTITION = "pace"

Result = TypeVar("Result")


@dataclass(frozen=True)
class Turn:
    """The next turn, in `seconds` from now. Not `taken` when that is later than the caller would wait."""

    seconds: float
    taken: bool


class RateLimiter:
    """`per_minute` turns a minute, evenly spaced, since services count within seconds and not minutes."""

    def __init__(self, table: Table, name: str, per_minute: int) -> None:
        self._table = table
        self._name = name
        self._interval = timedelta(minutes=1) / per_minute

    def take(self, patience: float) -> Turn:
        """Take the next turn, unless it is more than `patience` seconds away.

        Raises:
            ConcurrentUpdate: when other workers took a turn first at every attempt.
        """

        def next_turn(row: Entity | None) -> tuple[Turn, Entity | None]:
            now = utcnow()
            starts = max(now, row["next_at"]) if row else now
            seconds = (starts - now).total_seconds()
            if seconds > patience:
                return Turn(seconds, taken=False), None
            return Turn(seconds, taken=True), self._row(starts + self._interval)

        return self._update(next_turn)

    def hold(self, seconds: float) -> None:
        """Give out no turn for `seconds`: the service asked for the pause.

        Raises:
            ConcurrentUpdate: when other workers were first at every attempt.
        """

        def held(row: Entity | None) -> tuple[None, Entity | None]:
            until = utcnow() + timedelta(seconds=seconds)
            return None, None if row and row["next_at"] >= until else self._row(until)

        self._update(held)

    def _update(self, change: Callable[[Entity | None], tuple[Result, Entity | None]]) -> Result:
        return update_row(self._table, (_PARTITION, self._name), change, f"The rate limit of {self._name}")

    def _row(self, next_at: datetime) -> Entity:
        return stamp({"PartitionKey": _PARTITION, "RowKey": self._name, "next_at": next_at})
