"""The host's only source of the time, so that a test can put it on a virtual clock.

It calls back at a time rather than being waited for: between two callbacks the host has nothing running,
which is what lets a virtual clock know when it may jump (see `local.host.virtual_clock`).
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

Cancel = Callable[[], None]
"""Takes a callback back; harmless when it has been called already."""


class Clock(Protocol):
    """Tells the time and calls back at a time."""

    def now(self) -> datetime:
        """The time now, aware and in UTC."""

    def call_at(self, due: datetime, callback: Callable[[], None]) -> Cancel:
        """Call `callback` on the event loop when `due` has come (at once when it is past), or earlier."""


# The loop's clock stands still while a machine sleeps, and knows nothing of a wall clock that is put right.
_LONGEST_WAIT_SECONDS = 30.0


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def call_at(self, due: datetime, callback: Callable[[], None]) -> Cancel:
        """May call early, after half a minute at the latest: look at the time again then."""
        delay = min(max(0.0, (due - self.now()).total_seconds()), _LONGEST_WAIT_SECONDS)
        return asyncio.get_running_loop().call_later(delay, callback).cancel
