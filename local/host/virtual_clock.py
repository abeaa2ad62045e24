"""A clock for tests. It moves only when told to, and jumps from one due time to the next.

A day of polling takes only as long as its turns and activities, without the waiting.
"""

import heapq
import itertools
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from local.host.host_clock import Cancel

Idle = Callable[[], Awaitable[None]]
"""Waits until nothing is running, as `Host.idle` does."""


class NotReached(AssertionError):
    """The condition was not true within the allowed time."""


class VirtualClock:
    """Moves only inside `advance` and `advance_until`. Only one of them may run at a time."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._cancelled: set[int] = set()

    def now(self) -> datetime:
        return self._now

    def call_at(self, due: datetime, callback: Callable[[], None]) -> Cancel:
        number = next(self._numbers)
        heapq.heappush(self._due, (due, number, callback))
        return lambda: self._cancelled.add(number)

    async def advance(self, by: timedelta, idle: Idle) -> None:
        """Let `by` pass. Calls back what is due, in order, and waits for `idle` after each."""
        end = self._now + by
        await idle()
        while self._jump(end):
            await idle()
        self._now = end

    async def advance_until(self, reached: Callable[[], bool], idle: Idle, at_most: timedelta) -> None:
        """Let time pass from due time to due time until `reached()`.

        Raises:
            NotReached: when it takes longer than `at_most`, or nothing more is due.
        """
        end = self._now + at_most
        await idle()
        while not reached():
            if not self._jump(end):
                raise NotReached(f"not reached by {end}, and nothing else is due until then")
            await idle()

    def _jump(self, end: datetime) -> bool:
        """Go to the next due time up to `end` and call back. Returns False when there is none."""
        while self._due and self._due[0][0] <= end:
            due, number, callback = heapq.heappop(self._due)
            if number in self._cancelled:
                self._cancelled.discard(number)
                continue
            self._now = max(self._now, due)
            callback()
            return True
        return False
