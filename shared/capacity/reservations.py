"""Limited amounts that batches reserve before they spend, and give back or settle once.

A pool is one partition: a `total` row with the sums, and a row a holder. Both are written in one transaction
under the total's version, so that sums and rows always agree and a repeated call changes nothing.
"""

from collections.abc import Mapping

from pydantic import BaseModel, Field

from shared.persistence.entity_codec import Entity, decode, encode
from shared.persistence.table import Operation, Table, etag_of, if_unchanged

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

        What a holder has reserved already counts, and is never lowered; one that has settled reserves nothing
        more. A name without a limit is never short.
        """
        for _ in range(_TRIES):
            held = self._table.get(self._name, _HOLDER + holder)
            mine = Amounts() if held is None else decode(Amounts, held)
            if held is not None and not mine.reserved:
                return None
            entity = self._table.get(self._name, _TOTAL)
            total = Amounts() if entity is None else decode(Amounts, entity)
            more = {name: max(0.0, amount - mine.held(name)) for name, amount in wanted.items()}
            if held is not None and not any(more.values()):
                return None
            for name, limit in limits.items():
                if more.get(name, 0.0) and total.held(name) + more[name] > limit:
                    return name
            after = total.model_copy(update={"reserved": _sum(total.reserved, more, 1)})
            row = self._row(holder, held, Amounts(reserved=_sum(mine.reserved, more, 1)))
            if not self._table.transact([[self._total(entity, after), row]]):
                return None
        raise FoughtOver(f"The reservations of {self._name} kept changing.")

    def reserved(self, holder: str) -> Mapping[str, float]:
        """What a holder has reserved and not settled."""
        held = self._table.get(self._name, _HOLDER + holder)
        return {} if held is None else decode(Amounts, held).reserved

    def settle(self, holder: str, used: Mapping[str, float]) -> None:
        """End a holder's reservation for good, and keep what it used. Once: a repeated call changes nothing.

        A holder that has reserved nothing is settled too: a reservation of its that comes later is none.
        """
        self._end(holder, Amounts(used=dict(used)))

    def give_back(self, holder: str) -> None:
        """Give back what a holder reserved; it may reserve again."""
        self._end(holder, None)

    def _end(self, holder: str, settled: Amounts | None) -> None:
        for _ in range(_TRIES):
            entity, held = self._table.get(self._name, _TOTAL), self._table.get(self._name, _HOLDER + holder)
            mine = Amounts() if held is None else decode(Amounts, held)
            if not mine.reserved and (held is not None or settled is None):
                return
            # Who reserved nothing used nothing.
            used = settled.used if settled and held is not None else {}
            total = Amounts() if entity is None else decode(Amounts, entity)
            after = Amounts(reserved=_sum(total.reserved, mine.reserved, -1), used=_sum(total.used, used, 1))
            row = self._row(holder, held, settled and Amounts(used=dict(used)))
            if not self._table.transact([[self._total(entity, after), row]]):
                return
        raise FoughtOver(f"The reservations of {self._name} kept changing.")

    def _row(self, holder: str, held: Entity | None, after: Amounts | None) -> Operation:
        """The operation that writes a holder's row over the version read, or deletes it."""
        row = encode(self._name, _HOLDER + holder, after or Amounts())
        if held is None:
            return ("create", row)
        if after is None:
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
