"""Work that failed, and imports that rejected rows, until a person has marked them as seen."""

from typing import TypeVar

from shared.domain.clock import utcnow
from shared.domain.errors import WrongState
from shared.domain.run import ImportReport
from shared.domain.task import Export, Requeueing
from shared.persistence.parallel import map_ordered
from shared.persistence.record_repository import RecordRepository

# The newest unseen records of each kind are read. The others follow when those have been seen.
_UNSEEN = 20

Record = TypeVar("Record", ImportReport, Requeueing, Export)


def read_unseen(records: RecordRepository[Record], ids: list[str]) -> list[Record]:
    """The newest of the records `ids` that no person has seen yet, without those that cannot be read."""
    found = map_ordered(records.find_readable, ids[:_UNSEEN])
    # The marker of a record is deleted a moment after the record is marked as seen.
    return [record for record in found if record is not None and record.is_unseen]


def mark_seen(records: RecordRepository[Record], record_id: str) -> Record:
    """Store that a person has seen a record. Returns the record. A repeated call changes nothing.

    Raises:
        NotFound: when there is no such record.
        WrongState: when its work has not ended.
    """

    def seen(record: Record) -> Record:
        if not record.status.is_terminal:
            subject = f"{records.noun.capitalize()} {record_id}"
            raise WrongState(
                f"{subject} is {record.status}; it can be marked as seen when it has ended.",
                state=str(record.status),
            )
        return record.model_copy(update={"seen_at": record.seen_at or utcnow()})

    marked = records.modify(record_id, seen)
    # The record counts. A marker that is left behind by a crash is deleted by the next call.
    records.forget_unseen(record_id)
    return marked
