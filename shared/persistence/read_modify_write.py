"""Read-modify-write under optimistic concurrency: the only loop that repeats a conditional write.

A write succeeds only when the rows are unchanged since they were read. When another writer was first, the
rows are read again and the new values are computed again, a bounded number of times.
"""

from collections.abc import Callable
from typing import TypeVar

from shared.persistence.entity_codec import Entity
from shared.persistence.table import Table, etag_of

# Each lost attempt means that another writer succeeded, so even 50 writers at once all get their turn.
MAX_ATTEMPTS = 50

Before = TypeVar("Before")
After = TypeVar("After")
Result = TypeVar("Result")


class ConcurrentUpdate(Exception):
    """Other writers were first at every attempt, so the update was not made. The message names the row.

    A retry of the caller, some seconds later, meets fewer writers.
    """


def retry_conflicts(what: str, attempt: Callable[[], Result | None]) -> Result:
    """Call `attempt` until it returns a result. None means that another writer was first.

    Raises:
        ConcurrentUpdate: naming `what`, after `MAX_ATTEMPTS` conflicts.
    """
    for _ in range(MAX_ATTEMPTS):
        result = attempt()
        if result is not None:
            return result
    raise ConcurrentUpdate(
        f"{what} kept changing: other writers were first at each of {MAX_ATTEMPTS} attempts to update it. "
        "Try again later."
    )


def read_modify_write(
    what: str,
    read: Callable[[], Before],
    change: Callable[[Before], tuple[Result, After | None]],
    write: Callable[[Before, After], bool],
) -> Result:
    """Read, compute and write conditionally; `change` may run several times and must have no side effects.

    Args:
        what: the row, as an error message names it.
        read: reads one or several rows, with their ETags.
        change: returns the result of the whole call, and the new value (None: nothing to write).
        write: writes the new value over what was read. Returns False when another writer was first.

    Raises:
        ConcurrentUpdate: after `MAX_ATTEMPTS` conflicts.
    """

    def attempt() -> tuple[Result] | None:
        before = read()
        result, after = change(before)
        return (result,) if after is None or write(before, after) else None

    return retry_conflicts(what, attempt)[0]


def update_row(
    table: Table,
    key: tuple[str, str],
    change: Callable[[Entity | None], tuple[Result, Entity | None]],
    what: str,
) -> Result:
    """`read_modify_write` of the row at `key` (PartitionKey, RowKey).

    `change` gets the entity, or None where there is none. The entity that it returns replaces the row.

    Raises:
        ConcurrentUpdate: after `MAX_ATTEMPTS` conflicts.
    """
    return read_modify_write(
        what,
        lambda: table.get(*key),
        change,
        lambda before, after: table.write(after, etag_of(before) if before else None),
    )
