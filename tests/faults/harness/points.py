"""Where something can go wrong, and how: a point is the n-th call of one kind within one step.

A run without faults records all points. Then each fault of each point is played in a run of its own.
"""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Killed(BaseException):
    """Simulates kill -9: the app catches no BaseException, and a killed process makes no further call."""


class Fault(StrEnum):
    """What goes wrong at a point.

    With `TWICE`, a second delivery of the same activity runs from start to end while the first waits here. A
    service that is killed is started again at once over the same data. Its caller gets no answer.
    """

    KILL_BEFORE = "kill before"
    KILL_AFTER = "kill after"
    TIME_OUT = "time-out"
    ACCEPTED_TIME_OUT = "accepted, timed out"
    REPEATED = "accepted, sent again"
    THROTTLED = "429"
    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    DROPPED = "dropped"
    TWICE = "second delivery"
    EMULATOR_KILLED = "emulator killed"
    AZURITE_KILLED = "Azurite killed"

    @property
    def carries_out(self) -> bool:
        """Whether the call takes effect although its caller may get no answer."""
        return self in (Fault.KILL_AFTER, Fault.ACCEPTED_TIME_OUT, Fault.REPEATED, Fault.DROPPED)


STATUS = {Fault.THROTTLED: 429, Fault.SERVER_ERROR: 500, Fault.UNAVAILABLE: 503}
SERVICE_KILLS = (Fault.EMULATOR_KILLED, Fault.AZURITE_KILLED)
_STORAGE_READ = ((Fault.KILL_BEFORE, Fault.UNAVAILABLE), (Fault.THROTTLED,))
# Errors of storage after which nothing was written reach the app as one kind, and those after a write too:
# the first call of a kind gets some of them, the next the others.
_BOTH = (Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.ACCEPTED_TIME_OUT, Fault.REPEATED, Fault.TWICE)
_STORAGE_WRITE = (
    (*_BOTH, Fault.TIME_OUT, Fault.UNAVAILABLE),
    (*_BOTH, Fault.THROTTLED, Fault.SERVER_ERROR, Fault.DROPPED),
)
# Calls to Azure OpenAI are told apart by how they fail; only storage clients repeat what was accepted.
_REMOTE_READ = (Fault.KILL_BEFORE, Fault.TIME_OUT, Fault.THROTTLED, Fault.SERVER_ERROR, Fault.UNAVAILABLE)
_REMOTE_WRITE = tuple(fault for fault in Fault if fault not in (Fault.REPEATED, *SERVICE_KILLS))


@dataclass(frozen=True, order=True)
class Point:
    """The `number`-th call `call` (from 1) within step `step`."""

    step: str
    call: str
    number: int
    writes: bool

    def __str__(self) -> str:
        return f"{self.step}: {self.call} {self.number}"

    @property
    def faults(self) -> list[Fault]:
        """The faults that make sense here, without those that kill a service."""
        if self.is_remote:
            return list(_REMOTE_WRITE if self.writes else _REMOTE_READ)
        return list((_STORAGE_WRITE if self.writes else _STORAGE_READ)[(self.number - 1) % 2])

    @property
    def is_remote(self) -> bool:
        return self.call.startswith("Azure OpenAI")


@dataclass
class Injector:
    """Counts the calls of the present step, and strikes each target once."""

    targets: dict[Point, Fault] = field(default_factory=dict)
    step: str | None = None
    seen: list[Point] = field(default_factory=list)
    struck: list[Point] = field(default_factory=list)
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    # Runs the present activity once more, as another worker.
    again: Callable[[], None] = lambda: None
    # Kills a service and starts it again.
    kill_service: Callable[[Fault], None] = lambda _: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def strike(self, call: str, writes: bool) -> Fault | None:
        """The fault that strikes this call, if any. Calls outside steps are never struck."""
        with self._lock:
            if self.step is None:
                return None
            self._counts[self.step, call] += 1
            point = Point(self.step, call, self._counts[self.step, call], writes)
            self.seen.append(point)
            fault = self.targets.get(point)
            if fault is not None:
                self.struck.append(point)
            return fault

    def expect(self, point: Point, fault: Fault) -> None:
        """Let a fault strike at a point, counted from now."""
        with self._lock:
            so_far = self._counts[point.step, point.call]
            self.targets[replace(point, number=so_far + point.number)] = fault
