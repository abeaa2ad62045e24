"""Limited amounts that batches reserve before they spend, and later return, or settle once.

A pool is one partition: a `total` row with the sums, and one row per holder. Both are written in one
transaction, conditional on the versions read. So the sums always agree with the rows, and a repeated call
changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import Field

from shared.domain.stored import Stored
from shared.persistence.entity_codec import Entity, decode, encode
from shared.persistence.read_modify_write import read_modify_write
from shared.persistence.table import Operation, Table, etag_of, if_unchanged

_TOTAL = "total"
# Rows of holders sort after the total.
_HOLDER = "~"

Result = TypeVar("Result")


class Amounts(Stored):
    """Reserved and used amounts, by name (`cost` in USD, `tokens`, `files`)."""

    reserved: dict[str, float] = Field(default_factory=dict)
    used: dict[str, float] = Field(default_factory=dict)

    def held(self, name: str) -> float:
        """The amount that counts against a limit: reserved and used."""
        return self.reserved.get(name, 0.0) + self.used.get(name, 0.0)


@dataclass(frozen=True)
class _Rows:
    """What an update of a pool reads: the total and one holder's row."""

    total: Entity | None
    holder: Entity | None


# What to write: the total and the holder. A holder of None is deleted.
_After = tuple[Amounts, Amounts | None]


class Pool:
    """The reservations of one partition."""

    def __init__(self, table: Table, name: str) -> None:
        self._table = table
        self._name = name

    def totals(self) -> Amounts:
        """The sums over all holders."""
        return _amounts(self._table.get(self._name, _TOTAL))

    def reserve(self, holder: str, wanted: Mapping[str, float], limits: Mapping[str, float]) -> str | None:
        """Reserve all of `wanted` for a holder, or nothing. Returns the name that is short, None on success.

        What the holder has reserved already counts and is never lowered. A holder that has settled reserves
        nothing more. A name without a limit is never short.

        Raises:
            ConcurrentUpdate: when other writers were first at every attempt.
        """

        def reserved(rows: _Rows) -> tuple[str | None, _After | None]:
            total, own = _amounts(rows.total), _amounts(rows.holder)
            has_settled = rows.holder is not None and not own.reserved
            more = {name: max(0.0, amount - own.held(name)) for name, amount in wanted.items()}
            if has_settled or (rows.holder is not None and not any(more.values())):
                return None, None
            for name, limit in limits.items():
                if more.get(name, 0.0) and total.held(name) + more[name] > limit:
                    return name, None
            after = total.model_copy(update={"reserved": _sum(total.reserved, more, 1)})
            return None, (after, Amounts(reserved=_sum(own.reserved, more, 1)))

        return self._update(holder, reserved)

    def reserved(self, holder: str) -> Mapping[str, float]:
        """What a holder has reserved and not settled."""
        return _amounts(self._table.get(self._name, _HOLDER + holder)).reserved

    def settle(self, holder: str, used: Mapping[str, float]) -> None:
        """End a holder's reservation for good, and keep what it used. A repeated call changes nothing.

        A holder that has reserved nothing is settled too, so that a late reservation of it has no effect.
        """
        self._end(holder, Amounts(used=dict(used)))

    def give_back(self, holder: str) -> None:
        """Return what a holder reserved. It may reserve again."""
        self._end(holder, None)

    def _end(self, holder: str, settled: Amounts | None) -> None:
        def ended(rows: _Rows) -> tuple[None, _After | None]:
            total, own = _amounts(rows.total), _amounts(rows.holder)
            if not own.reserved and (rows.holder is not None or settled is None):
                return None, None
            # A holder that reserved nothing used nothing.
            used = settled.used if settled and rows.holder is not None else {}
            after = Amounts(reserved=_sum(total.reserved, own.reserved, -1), used=_sum(total.used, used, 1))
            return None, (after, settled and Amounts(used=dict(used)))

        self._update(holder, ended)

    def _update(self, holder: str, change: Callable[[_Rows], tuple[Result, _After | None]]) -> Result:
        def read() -> _Rows:
            return _Rows(
                total=self._table.get(self._name, _TOTAL),
                holder=self._table.get(self._name, _HOLDER + holder),
            )

        def write(before: _Rows, after: _After) -> bool:
            total = self._operation(_TOTAL, before.total, after[0])
            own = self._operation(_HOLDER + holder, before.holder, after[1])
            return not self._table.transact([[total, own]])

        return read_modify_write(f"The reservations of {self._name}", read, change, write)

    def _operation(self, row_key: str, before: Entity | None, after: Amounts | None) -> Operation:
        """The operation that writes a row over the version read, or deletes it."""
        row = encode(self._name, row_key, after or Amounts())
        if before is None:
            return ("create", row)
        if after is None:
            return ("delete", row, if_unchanged(etag_of(before)))
        return ("update", row, {**if_unchanged(etag_of(before)), "mode": "replace"})


def _amounts(entity: Entity | None) -> Amounts:
    return Amounts() if entity is None else decode(Amounts, entity)


def _sum(before: Mapping[str, float], change: Mapping[str, float], sign: int) -> dict[str, float]:
    names = {*before, *change}
    return {name: round(before.get(name, 0.0) + sign * change.get(name, 0.0), 9) for name in sorted(names)}
