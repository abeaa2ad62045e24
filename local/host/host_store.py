"""The durable state of the host in one SQLite file: instances, histories, messages, tasks, timers.

Each step is stored in one transaction. After a kill the next start finds the step either done or still to do.
Activities that were running are run again.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from local.host.history import Event, timestamp
from local.host.host_records import SCHEMA, DueTimer, Instance, Task, TimerStatus


class DataInUse(Exception):
    """Another host uses the folder. The text names the folder and says what to do."""


class Store:
    """The SQLite file. Used from one thread, by one host at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(path)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        # A killed process loses no committed transaction. Only a power failure may lose some.
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        self._db.close()
        self._lock.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Stores all writes inside the block, or none when it raises."""
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    # Instances

    def instance(self, instance_id: str) -> Instance | None:
        row = self._db.execute("select * from instances where id = ?", (instance_id,)).fetchone()
        return None if row is None else _instance(row)

    def instances(self) -> list[Instance]:
        return [_instance(row) for row in self._db.execute("select * from instances order by created_at, id")]

    def children(self, instance_id: str) -> list[str]:
        rows = self._db.execute("select id from instances where parent_id = ?", (instance_id,))
        return [row["id"] for row in rows]

    def put_instance(self, instance: Instance) -> None:
        fields = vars(instance)
        names, marks = ", ".join(fields), ", ".join("?" * len(fields))
        self._db.execute(
            f"insert or replace into instances ({names}) values ({marks})",  # noqa: S608 - our own field names
            [int(value) if isinstance(value, bool) else value for value in fields.values()],
        )

    def delete_instance(self, instance_id: str) -> None:
        """Delete an instance, its history and its work."""
        self.clear_work(instance_id)
        self.clear_history(instance_id)
        self._db.execute("delete from instances where id = ?", (instance_id,))

    def clear_work(self, instance_id: str) -> None:
        """Delete an instance's messages, tasks and timers."""
        for table in ("messages", "tasks", "timers"):
            self._db.execute(f"delete from {table} where instance_id = ?", (instance_id,))  # noqa: S608

    # Histories

    def history(self, instance_id: str) -> list[Event]:
        rows = self._db.execute(
            "select event from events where instance_id = ? order by position", (instance_id,)
        )
        return [json.loads(row["event"]) for row in rows]

    def append_history(self, instance_id: str, events: list[Event]) -> None:
        found = self._db.execute(
            "select coalesce(max(position) + 1, 0) as next from events where instance_id = ?", (instance_id,)
        ).fetchone()
        self._db.executemany(
            "insert into events values (?, ?, ?)",
            [(instance_id, place, json.dumps(event)) for place, event in enumerate(events, found["next"])],
        )

    def clear_history(self, instance_id: str) -> None:
        self._db.execute("delete from events where instance_id = ?", (instance_id,))

    # Messages: events for an instance. One for an execution that has ended is never delivered.

    def send(self, instance_id: str, execution_id: str | None, event: Event) -> None:
        self._db.execute(
            "insert into messages (instance_id, execution_id, event) values (?, ?, ?)",
            (instance_id, execution_id, json.dumps(event)),
        )

    def send_first(self, instance_id: str, execution_id: str, event: Event) -> None:
        """Send an event that is delivered before all waiting ones."""
        self._db.execute(
            "insert into messages select min(0, coalesce(min(id), 0) - 1), ?, ?, ? from messages",
            (instance_id, execution_id, json.dumps(event)),
        )

    def messages(self, instance_id: str) -> list[tuple[int, str | None, Event]]:
        rows = self._db.execute("select * from messages where instance_id = ? order by id", (instance_id,))
        return [(row["id"], row["execution_id"], json.loads(row["event"])) for row in rows]

    def delete_messages(self, instance_id: str, up_to: int) -> None:
        self._db.execute("delete from messages where instance_id = ? and id <= ?", (instance_id, up_to))

    def instances_with_messages(self) -> list[str]:
        rows = self._db.execute("select distinct instance_id from messages")
        return [row["instance_id"] for row in rows]

    # Tasks

    def add_task(self, task: Task) -> None:
        self._db.execute("insert into tasks values (?, ?, ?, ?, ?)", tuple(vars(task).values()))

    def tasks(self) -> list[Task]:
        return [Task(**dict(row)) for row in self._db.execute("select * from tasks")]

    def finish_task(self, task: Task) -> bool:
        """Delete a task. Returns False when it is already gone, because its instance was ended."""
        done = self._db.execute(
            "delete from tasks where instance_id = ? and execution_id = ? and task_id = ?",
            (task.instance_id, task.execution_id, task.task_id),
        )
        return done.rowcount > 0

    # Timers of orchestrations

    def add_timer(self, timer: DueTimer) -> None:
        self._db.execute("insert into timers values (?, ?, ?, ?)", tuple(vars(timer).values()))

    def delete_timer(self, instance_id: str, execution_id: str, task_id: int) -> None:
        self._db.execute(
            "delete from timers where instance_id = ? and execution_id = ? and task_id = ?",
            (instance_id, execution_id, task_id),
        )

    def next_timer(self) -> datetime | None:
        row = self._db.execute("select min(fire_at) as due from timers").fetchone()
        return None if row["due"] is None else datetime.fromisoformat(row["due"]).astimezone(UTC)

    def due_timers(self, now: datetime) -> list[DueTimer]:
        """The timers that are due at `now`, in the order of their times."""
        rows = self._db.execute(
            "select * from timers where fire_at <= ? order by fire_at, instance_id, task_id",
            (timestamp(now),),
        )
        return [DueTimer(**dict(row)) for row in rows]

    # Timer triggers

    def timer_status(self, name: str) -> TimerStatus | None:
        row = self._db.execute("select * from timer_triggers where name = ?", (name,)).fetchone()
        return None if row is None else TimerStatus(**dict(row))

    def put_timer_status(self, status: TimerStatus) -> None:
        self._db.execute(
            "insert or replace into timer_triggers values (?, ?, ?, ?)", tuple(vars(status).values())
        )


def _lock(path: Path) -> sqlite3.Connection:
    """Lock the folder for this host, as two hosts would run everything twice.

    The lock is released when the process ends.

    Raises:
        DataInUse: when another host holds the lock.
    """
    lock = sqlite3.connect(path.with_suffix(".lock"), timeout=0, isolation_level=None)
    try:
        lock.execute("begin exclusive")
    except sqlite3.OperationalError as error:
        lock.close()
        raise DataInUse(
            f"Another host uses the folder {path.parent}. Stop it, or give another --data."
        ) from error
    return lock


def _instance(row: sqlite3.Row) -> Instance:
    return Instance(**{**dict(row), "suspended": bool(row["suspended"])})
