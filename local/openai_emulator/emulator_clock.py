"""The emulator's only source of time. It is injected, so that tests can use their own clock.

On a virtual clock the emulator does everything that is due before it answers a call. On the system clock a
thread does it as time passes.
"""

import time
from typing import Protocol


class Clock(Protocol):
    """A source of time."""

    virtual: bool

    def now(self) -> float:
        """The current time in Unix seconds."""


class SystemClock:
    """The machine's clock."""

    virtual = False

    def now(self) -> float:
        return time.time()


class ManualClock:
    """A clock that moves only by `advance`, so a job of thirty hours takes one call."""

    virtual = True

    def __init__(self, start: float = 1_750_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock forward.

        Raises:
            ValueError: when `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError("a clock cannot go back")
        self._now += seconds
