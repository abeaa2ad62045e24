"""The emulator's only source of the time, injectable so that tests can run on a clock of their own.

On a virtual clock the emulator does whatever is due before it answers a call; on the system clock a thread
does it as time passes.
"""

import time
from typing import Protocol


class Clock(Protocol):
    """Something that knows the time."""

    virtual: bool

    def now(self) -> float:
        """Unix seconds."""


class SystemClock:
    """The machine's own time."""

    virtual = False

    def now(self) -> float:
        return time.time()


class ManualClock:
    """A clock that moves only when told: a job of thirty hours takes one call."""

    virtual = True

    def __init__(self, start: float = 1_750_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock on; raises ValueError for a step back."""
        if seconds < 0:
            raise ValueError("a clock cannot go back")
        self._now += seconds
