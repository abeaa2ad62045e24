"""The host's only source of the time. Tests replace it by a virtual clock.

The clock calls back at a time; nothing sleeps. A virtual clock therefore knows when the host is idle, and can
jump to the next callback (see `local.host.virtual_clock`).
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

Cancel = Callable[[], None]
"""Cancels a callback. Does nothing when it has been called already."""


class Clock(Protocol):
    """Returns the time and calls back at a time."""

    def now(self) -> datetime:
        """The time now, aware and in UTC."""

    def call_at(self, due: datetime, callback: Callable[[], None]) -> Cancel:
        """Call `callback` on the event loop at `due` or earlier, and at once when `due` is past."""


# The event loop's clock stops while the machine sleeps, and ignores corrections of the wall clock.
_LONGEST_WAIT_SECONDS = 30.0


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def call_at(self, due: datetime, callback: Callable[[], None]) -> Cancel:
        """Calls back after 30 seconds at the latest. The callback must check the time again."""
        delay = min(max(0.0, (due - self.now()).total_seconds()), _LONGEST_WAIT_SECONDS)
        return asyncio.get_running_loop().call_later(delay, callback).cancel
