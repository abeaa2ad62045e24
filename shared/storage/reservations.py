"""Limited amounts that batches reserve before they spend, and give back or settle once.

A pool is one partition: a `total` row with the sums, and a row a holder. Both are written in one transaction
under the total's version, so that sums and rows always agree and a repeated call changes nothing.
"""

from collections.abc import Mapping

from pydantic import BaseModel, Field

from shared.storage.codec import Entity, decode, encode
from shared.storage.table import Operation, Table, etag_of, if_unchanged

_TOTAL = "total"
# Rows of holders sort behind the total.
_HOLDER = "~"
_TRIES = 50


class Amounts(BaseModel):
    """What is held and what was spent, by name (`cost` in USD, `tokens`, `files`)."""

    reserved: dict[str, float] = Field(default_factory=dict)
    used: dict[str, float] = Field(default_factory=dict)

    def held(self, name: str) -> float:
        return self.reserved.get(name, 0.0) + self.used.get(name, 0.0)


class FoughtOver(Exception):
    """A pool kept changing under a reservation; the caller's retry will meet a quieter moment."""


class Pool:
    """The reservations of one partition."""

    def __init__(self, table: Table, name: str) -> None:
        self._table = table
        self._name = name

    def totals(self) -> Amounts:
        """The sums over all holders."""
        entity = self._table.get(self._name, _TOTAL)
        return Amounts() if entity is None else decode(Amounts, entity)

    def reserve(self, holder: str, wanted: Mapping[str, float], limits: Mapping[str, float]) -> str | None:
        """Reserve for a holder, all or nothing; the answer names what is short, None when it is reserved.

        A holder that has reserved already keeps what it has. A name without a limit is never short.
        """
        for _ in range(_TRIES):
            if self._table.get(self._name, _HOLDER + holder) is not None:
                return None
            entity = self._table.get(self._name, _TOTAL)
            total = Amounts() if entity is None else decode(Amounts, entity)
            for name, limit in limits.items():
                if total.held(name) + wanted.get(name, 0.0) > limit:
                    return name
            after = total.model_copy(update={"reserved": _sum(total.reserved, wanted, 1)})
            mine = Amounts(reserved=dict(wanted))
            row: Operation = ("create", encode(self._name, _HOLDER + holder, mine))
            if not self._table.transact([[self._total(entity, after), row]]):
                return None
        raise FoughtOver(f"The reservations of {self._name} kept changing.")

    def settle(self, holder: str, used: Mapping[str, float]) -> None:
        """Give back what a holder reserved, and keep what it used. Once: a repeated call changes nothing."""
        for _ in range(_TRIES):
            entity, held = self._table.get(self._name, _TOTAL), self._table.get(self._name, _HOLDER + holder)
            if entity is None or held is None:
                return
            mine, total = decode(Amounts, held), decode(Amounts, entity)
            if not mine.reserved:
                return
            after = Amounts(reserved=_sum(total.reserved, mine.reserved, -1), used=_sum(total.used, used, 1))
            if not self._table.transact([[self._total(entity, after), self._settled(holder, held, used)]]):
                return
        raise FoughtOver(f"The reservations of {self._name} kept changing.")

    def _settled(self, holder: str, held: Entity, used: Mapping[str, float]) -> Operation:
        """The holder's row with what it used; one that used nothing goes, and may reserve again."""
        row = encode(self._name, _HOLDER + holder, Amounts(used=dict(used)))
        if not any(used.values()):
            return ("delete", row, if_unchanged(etag_of(held)))
        return ("update", row, {**if_unchanged(etag_of(held)), "mode": "replace"})

    def _total(self, entity: Entity | None, after: Amounts) -> Operation:
        written = encode(self._name, _TOTAL, after)
        if entity is None:
            return ("create", written)
        return ("update", written, {**if_unchanged(etag_of(entity)), "mode": "replace"})


def _sum(before: Mapping[str, float], change: Mapping[str, float], sign: int) -> dict[str, float]:
    names = {*before, *change}
    return {name: round(before.get(name, 0.0) + sign * change.get(name, 0.0), 9) for name in sorted(names)}
