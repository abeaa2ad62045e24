"""The runs table: run records, the batches of each run, idempotency keys, and the lock on preparing."""

import hashlib
from datetime import datetime, timedelta

from shared.domain.clock import utcnow
from shared.domain.run import Run
from shared.persistence.entity_codec import Entity, stamp
from shared.persistence.read_modify_write import update_row
from shared.persistence.record_repository import RecordRepository
from shared.persistence.table import Table

_KEYS = "idempotency-keys"
_LOCK = ("lock", "preparation")
_LOCK_NAME = "The lock on preparing"


class RunRepository(RecordRepository[Run]):
    """Runs, and the rows that belong to them."""

    def __init__(self, table: Table) -> None:
        super().__init__(table, Run, "run")

    def add_batch(self, run_id: str, batch_id: str) -> None:
        """Store that a run owns a batch. Call it before the batch is created."""
        self.table.upsert(stamp({"PartitionKey": _owned(run_id), "RowKey": batch_id}))

    def batch_ids(self, run_id: str) -> list[str]:
        """The batches that a run owns, in key order."""
        rows = self.table.query(_owned(run_id), select=["RowKey"])
        return [row["RowKey"] for row in rows]

    def claim_key(self, key: str, fingerprint: str, run_id: str) -> tuple[str, str]:
        """Bind an idempotency key to a run, once. Returns the run and fingerprint that the key now has."""
        row = _key_row(key)
        bound = stamp({**row, "fingerprint": fingerprint, "run_id": run_id, "created_at": utcnow()})
        if self.table.insert(bound):
            return run_id, fingerprint
        found = self.table.get(row["PartitionKey"], row["RowKey"])
        return (found["run_id"], found["fingerprint"]) if found else (run_id, fingerprint)

    def run_of_key(self, key: str) -> str | None:
        """The run that an idempotency key is bound to, or None."""
        row = _key_row(key)
        found = self.table.get(row["PartitionKey"], row["RowKey"])
        return found["run_id"] if found else None

    def forget_keys(self, before: datetime) -> int:
        """Delete the idempotency keys that were bound before `before`. Returns their number."""
        old = [row for row in self.table.query(_KEYS) if _time(row["created_at"]) < before]
        for row in old:
            self.table.delete(_KEYS, row["RowKey"])
        return len(old)

    def lock(self, run_id: str, duration: timedelta) -> bool:
        """Take or renew the lock on preparing. Returns False while another run holds it.

        One run at a time holds it, from selecting to submitting. It expires after `duration`, so a run that
        died delays the next one by no more than that.

        Raises:
            ConcurrentUpdate: when other writers were first at every attempt.
        """

        def taken(held: Entity | None) -> tuple[bool, Entity | None]:
            now = utcnow()
            if held and held["holder"] != run_id and _time(held["expires_at"]) > now:
                return False, None
            return True, _lock_row(run_id, now + duration)

        return update_row(self.table, _LOCK, taken, _LOCK_NAME)

    def unlock(self, run_id: str) -> None:
        """Release the lock. A lock that another run holds is left alone.

        Raises:
            ConcurrentUpdate: when other writers were first at every attempt.
        """

        def freed(held: Entity | None) -> tuple[None, Entity | None]:
            is_holder = held is not None and held["holder"] == run_id
            return None, _lock_row("", utcnow()) if is_holder else None

        update_row(self.table, _LOCK, freed, _LOCK_NAME)


def _key_row(key: str) -> dict[str, str]:
    return {"PartitionKey": _KEYS, "RowKey": hashlib.sha256(key.encode()).hexdigest()}


def _lock_row(holder: str, expires_at: datetime) -> Entity:
    row = {"PartitionKey": _LOCK[0], "RowKey": _LOCK[1]}
    return stamp({**row, "holder": holder, "expires_at": expires_at})


def _owned(run_id: str) -> str:
    return f"batches-of-{run_id}"


def _time(value: object) -> datetime:
    assert isinstance(value, datetime)  # noqa: S101 - only this module writes these rows
    return value
