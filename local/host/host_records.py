"""The tables of the store, and the records that the engine uses.

Payloads are the JSON texts that DurableTask would store. The SDK serialises inputs, and the extension
serialises that text again. An `input` is therefore usually a JSON string that holds JSON, as in Azure.
"""

from dataclasses import dataclass

SCHEMA = """
create table if not exists instances (
    id text primary key, name text not null, execution_id text not null, status text not null,
    suspended integer not null default 0, input text, output text, custom_status text,
    parent_id text, parent_execution_id text, parent_task_id integer,
    created_at text not null, updated_at text not null
) strict;
create index if not exists instances_of on instances (parent_id);
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
create table if not exists timer_triggers (
    name text primary key, schedule text not null, last text, next text not null
) strict;
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
    """An activity to run. `input` is JSON."""

    instance_id: str
    execution_id: str
    task_id: int
    name: str
    input: str | None


@dataclass(frozen=True)
class DueTimer:
    """A timer of an orchestration. `fire_at` is a timestamp in the format of histories."""

    instance_id: str
    execution_id: str
    task_id: int
    fire_at: str


@dataclass(frozen=True)
class TimerStatus:
    """The schedule of a timer trigger, and timestamps: when it last ran (None: never) and runs next."""

    name: str
    schedule: str
    last: str | None
    next: str
