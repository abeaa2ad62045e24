"""Records with a state: batches, runs, imports, requeueings and exports, each in one partition, newest first.

While a record is open, it has a marker row (`~open~<id>`), written and deleted in the same transaction. So
the reconciler finds open records without a scan. In the same way, a record that a person should see has a
marker (`~unseen~<id>`) until it is marked as seen. A marker may hold copies of some fields, for callers that
need these fields of every open record.
"""

from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar, cast

from shared.domain.errors import NotFound
from shared.domain.ids import is_safe_id
from shared.domain.states import Status, require
from shared.domain.stored import Stored
from shared.persistence.entity_codec import Entity, decode, encode
from shared.persistence.pages import Page, read_page, unless_unreadable
from shared.persistence.read_modify_write import read_modify_write
from shared.persistence.table import Operation, Table, etag_of, if_unchanged
from shared.persistence.telemetry import report_change

_MARKER = "~open~"
_UNSEEN = "~unseen~"


class _HasStatus(Protocol):
    @property
    def status(self) -> Status: ...


Record = TypeVar("Record", bound=Stored)


class RecordRepository(Generic[Record]):
    """The records of one model, in one partition. Markers of open records hold their `marker_fields`.

    `noun`, such as `batch`, names the partition, the field with the id (`batch_id`), and records in messages.
    """

    def __init__(
        self,
        table: Table,
        model: type[Record],
        noun: str,
        marker_fields: tuple[str, ...] = (),
    ) -> None:
        self.table = table
        self._partition = noun
        self._model = model
        self.noun = noun
        self._marker_fields = marker_fields

    def create(self, record: Record) -> bool:
        """Store a new record. Returns False when one with its id already exists."""
        operations: list[Operation] = [("create", encode(self._partition, self._id(record), record))]
        if not _status(record).is_terminal:
            operations.append(("upsert", self._marker(record)))
        return not self.table.transact([operations])

    def find(self, record_id: str) -> Record | None:
        """The record, or None.

        Raises:
            UnreadableRow: when the record is there and does not fit this version of the app.
        """
        entity = self._read(record_id)
        return None if entity is None else decode(self._model, entity)

    def get(self, record_id: str) -> Record:
        """The record.

        Raises:
            NotFound: when there is none.
            UnreadableRow: when the record is there and does not fit this version of the app.
        """
        record = self.find(record_id)
        if record is None:
            raise NotFound(f"There is no {self.noun} {record_id!r}.")
        return record

    def find_readable(self, record_id: str) -> Record | None:
        """The record; None when there is none, or when it cannot be read, which is logged."""
        return unless_unreadable(self.find)(record_id)

    def modify(self, record_id: str, change: Callable[[Record], Record]) -> Record:
        """Read a record, change it, and write it over the version read. `change` may run several times.

        Raises:
            NotFound: when there is no such record.
            UnreadableRow: when the record does not fit this version of the app.
            WrongState: when the new state may not follow the old one.
            ConcurrentUpdate: when other writers were first at every attempt.
        """

        def read() -> tuple[Record, str]:
            entity = self._read(record_id)
            if entity is None:
                raise NotFound(f"There is no {self.noun} {record_id!r}.")
            return decode(self._model, entity), etag_of(entity)

        def changed(found: tuple[Record, str]) -> tuple[tuple[Record, Record], Record | None]:
            before = found[0]
            after = change(before.model_copy(deep=True))
            if after == before:
                return (before, before), None
            require(_status(before), _status(after), f"The {self.noun} {record_id}")
            return (before, after), after

        before, after = read_modify_write(
            f"The {self.noun} {record_id}",
            read,
            changed,
            lambda found, after: self._replace(record_id, found[0], found[1], after),
        )
        if after is not before:
            report_change(self.noun, record_id, before, after)
        return after

    def _replace(self, record_id: str, before: Record, etag: str, after: Record) -> bool:
        """Write a record and its marker. Returns False when another writer was first."""
        operations: list[Operation] = [
            (
                "update",
                encode(self._partition, record_id, after),
                {**if_unchanged(etag), "mode": "replace"},
            )
        ]
        if _status(after).is_terminal:
            if not _status(before).is_terminal:
                operations.append(("delete", self._marker(after)))
        elif self._marker(after) != self._marker(before):
            operations.append(("upsert", self._marker(after)))
        if _is_unseen(after) and not _is_unseen(before):
            row: Entity = {"PartitionKey": self._partition, "RowKey": _UNSEEN + record_id}
            operations.append(("upsert", row))
        return not self.table.transact([operations])

    def page(
        self, limit: int, after: str | None = None, keep: Callable[[Record], bool] | None = None
    ) -> Page[Record]:
        """Up to `limit` records that `keep` accepts, newest first, after the id `after`."""
        start = after + "\x20" if after else None
        entities = self.table.query(self._partition, start=start, end="~", page_size=min(limit, 1000))
        return read_page(self._model, entities, limit, keep)

    def open_ids(self) -> list[str]:
        """The ids of all records that are not in a final state."""
        return [marker["RowKey"].removeprefix(_MARKER) for marker in self._markers("RowKey")]

    def unseen_ids(self) -> list[str]:
        """The ids of the records that a person should see, newest first."""
        rows = self.table.query(self._partition, start=_UNSEEN, end=_UNSEEN + "~", select=["RowKey"])
        return [row["RowKey"].removeprefix(_UNSEEN) for row in rows]

    def forget_unseen(self, record_id: str) -> None:
        """Delete the marker of a record that was marked as seen. Without a marker nothing happens."""
        if is_safe_id(record_id):
            self.table.delete(self._partition, _UNSEEN + record_id)

    def open_markers(self) -> dict[str, Entity]:
        """The marker fields of all records that are not in a final state, by id. Reads 1000 per call."""
        return {
            marker["RowKey"].removeprefix(_MARKER): marker
            for marker in self._markers("RowKey", *self._marker_fields)
        }

    def _markers(self, *select: str) -> Iterator[Entity]:
        return self.table.query(self._partition, start=_MARKER, end=_MARKER + "~", select=list(select))

    def _read(self, record_id: str) -> Entity | None:
        return self.table.get(self._partition, record_id) if is_safe_id(record_id) else None

    def _marker(self, record: Record) -> Entity:
        return encode(self._partition, _MARKER + self._id(record), record, only=set(self._marker_fields))

    def _id(self, record: Record) -> str:
        return str(getattr(record, f"{self.noun}_id"))


def _status(record: Stored) -> Status:
    return cast(_HasStatus, record).status


def _is_unseen(record: Stored) -> bool:
    """Whether a person should see the record. Batches and runs have no such state."""
    return bool(getattr(record, "is_unseen", False))
