"""Runs one delivery of an activity and lets other work happen at chosen calls of it, in a fixed order."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from shared.persistence.storage_account import StorageAccount
from shared.services import Services
from tests.faults.harness.points import Fault, Injector, Point
from tests.faults.harness.seams import Process
from tests.world import World

Result = TypeVar("Result")
Event = Callable[[], object] | Fault
"""What happens just before a call is sent: other work, or the end of the process."""

_STEP = "step"


def before_read(call: str, number: int = 1) -> Point:
    """The `number`-th reading call of a kind, named as in docs/faults.md ("get batches row")."""
    return Point(_STEP, call, number, writes=False)


def before_write(call: str, number: int = 1) -> Point:
    """The `number`-th writing call of a kind ("update content claim")."""
    return Point(_STEP, call, number, writes=True)


def interleave(world: World, activity: Callable[[Services], Result], events: Mapping[Point, Event]) -> Result:
    """Run an activity as a worker of its own; each event happens just before its call is sent.

    Raises:
        AssertionError: when a call was not reached, or not in the order of `events`. A test whose moment
            never comes would prove nothing.
        Killed: when an event is the end of the process.
    """
    faults = {point: event if isinstance(event, Fault) else Fault.TWICE for point, event in events.items()}
    injector = Injector(faults, step=_STEP)

    def happen() -> None:
        event = events[injector.struck[-1]]
        assert callable(event)
        event()

    injector.again = happen
    services = Process(world.settings, StorageAccount(world.settings), injector).services
    try:
        return activity(services)
    finally:
        seen = "\n".join(str(point) for point in injector.seen)
        assert injector.struck == list(events), f"these calls were made:\n{seen}"
