"""Everything the host must not lose, in one SQLite file: instances, histories, messages, tasks, timers.

Whatever a step changes is written in one transaction, so that a host that is killed finds, at the next
start, either the step done or the step to do. Activities that were under way are delivered again.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.host.history import Event, timestamp

_SCHEMA = """
create table if not exists instances (
    id text primary key, name text not null, execution_id text not null, status text not null,
    suspended integer not null default 0, input text, output text, custom_status text,
    parent_id text, parent_execution_id text, parent_task_id integer,
    created_at text not null, updated_at text not null
) strict;
create table if not exists events (
    instance_id text not null, position integer not null, event text not null,
    primary key (instance_id, position)
) strict, without rowid;
create table if not exists messages (
    id integer primary key autoincrement, instance_id text not null, execution_id text, event text not null
) strict;
create index if not exists messages_of on messages (instance_id, id);
create table if not exists tasks (
    instance_id text not null, execution_id text not null, task_id integer not null,
    name text not null, input text, primary key (instance_id, execution_id, task_id)
) strict, without rowid;
create table if not exists timers (
    instance_id text not null, execution_id text not null, task_id integer not null, fire_at text not null,
    primary key (instance_id, execution_id, task_id)
) strict, without rowid;
create index if not exists timers_by_time on timers (fire_at);
create table if not exists schedules (name text primary key, last_run text not null) strict;
"""

TERMINAL = frozenset({"Completed", "Failed", "Terminated", "Canceled"})


@dataclass(frozen=True)
class Instance:
    """An orchestration instance. `input`, `output` and `custom_status` are JSON texts."""

    id: str
    name: str
    execution_id: str
    status: str
    suspended: bool
    input: str | None
    output: str | None
    custom_status: str | None
    parent_id: str | None
    parent_execution_id: str | None
    parent_task_id: int | None
    created_at: str
    updated_at: str

    @property
    def is_terminal(self) -> bool:
        return self.status in TERMINAL

    @property
    def runtime_status(self) -> str:
        return "Suspended" if self.suspended and not self.is_terminal else self.status


@dataclass(frozen=True)
class Task:
    """An activity that has to run; `input` is JSON."""

    instance_id: str
    execution_id: str
    task_id: int
    name: str
    input: str | None


class Store:
    """The SQLite file. Used from one thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is written inside."""
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
        return None if row is None else Instance(**{**dict(row), "suspended": bool(row["suspended"])})

    def instances(self) -> list[Instance]:
        rows = self._db.execute("select * from instances order by created_at, id")
        return [Instance(**{**dict(row), "suspended": bool(row["suspended"])}) for row in rows]

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
        """Forget an instance and all that belongs to it."""
        self.clear_work(instance_id)
        self._db.execute("delete from events where instance_id = ?", (instance_id,))
        self._db.execute("delete from instances where id = ?", (instance_id,))

    def clear_work(self, instance_id: str) -> None:
        """Drop an instance's messages, tasks and timers."""
        for table in ("messages", "tasks", "timers"):
            self._db.execute(f"delete from {table} where instance_id = ?", (instance_id,))  # noqa: S608

    # Histories

    def history(self, instance_id: str) -> list[Event]:
        rows = self._db.execute(
            "select event from events where instance_id = ? order by position", (instance_id,)
        )
        return [json.loads(row["event"]) for row in rows]

    def append_history(self, instance_id: str, position: int, events: list[Event]) -> None:
        self._db.executemany(
            "insert into events values (?, ?, ?)",
            [(instance_id, place, json.dumps(event)) for place, event in enumerate(events, start=position)],
        )

    def clear_history(self, instance_id: str) -> None:
        self._db.execute("delete from events where instance_id = ?", (instance_id,))

    # Messages: events on their way to an instance. One for an execution that is over is never delivered.

    def send(self, instance_id: str, execution_id: str | None, event: Event) -> None:
        self._db.execute(
            "insert into messages (instance_id, execution_id, event) values (?, ?, ?)",
            (instance_id, execution_id, json.dumps(event)),
        )

    def send_first(self, instance_id: str, execution_id: str, event: Event) -> None:
        """Send an event that is delivered before all that waits already."""
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
        self._db.execute(
            "insert into tasks values (?, ?, ?, ?, ?)",
            (task.instance_id, task.execution_id, task.task_id, task.name, task.input),
        )

    def tasks(self) -> list[Task]:
        return [Task(**dict(row)) for row in self._db.execute("select * from tasks")]

    def finish_task(self, task: Task) -> bool:
        """Take a task off the list; False when it is not there any more (its instance was ended)."""
        done = self._db.execute(
            "delete from tasks where instance_id = ? and execution_id = ? and task_id = ?",
            (task.instance_id, task.execution_id, task.task_id),
        )
        return done.rowcount > 0

    # Timers

    def add_timer(self, instance_id: str, execution_id: str, task_id: int, fire_at: datetime) -> None:
        self._db.execute(
            "insert into timers values (?, ?, ?, ?)", (instance_id, execution_id, task_id, timestamp(fire_at))
        )

    def delete_timer(self, instance_id: str, execution_id: str, task_id: int) -> None:
        self._db.execute(
            "delete from timers where instance_id = ? and execution_id = ? and task_id = ?",
            (instance_id, execution_id, task_id),
        )

    def next_timer(self) -> datetime | None:
        row = self._db.execute("select min(fire_at) as due from timers").fetchone()
        return None if row["due"] is None else datetime.fromisoformat(row["due"]).astimezone(UTC)

    def due_timers(self, now: datetime) -> list[dict[str, Any]]:
        rows = self._db.execute("select * from timers where fire_at <= ?", (timestamp(now),))
        return [dict(row) for row in rows]

    # Schedules of timer triggers

    def last_run(self, name: str) -> datetime | None:
        row = self._db.execute("select last_run from schedules where name = ?", (name,)).fetchone()
        return None if row is None else datetime.fromisoformat(row["last_run"]).astimezone(UTC)

    def set_last_run(self, name: str, at: datetime) -> None:
        self._db.execute("insert or replace into schedules values (?, ?)", (name, timestamp(at)))
