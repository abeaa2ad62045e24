"""A clock that stands still until it is told to go on, and then jumps from one due time to the next.

For tests: a day of polling costs what its turns and activities cost, and none of its waiting.
"""

import heapq
import itertools
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from local.host.host_clock import Cancel

Idle = Callable[[], Awaitable[None]]
"""Waits until nothing is running, as `Host.idle` does."""


class NotReached(AssertionError):
    """What was waited for has not come about in the time that was allowed for it."""


class VirtualClock:
    """Moves only inside `advance` and `advance_until`. One of them may be under way at a time."""

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
        """Let `by` pass: call back whatever falls due, in its order, waiting for `idle` after each."""
        end = self._now + by
        await idle()
        while self._jump(end):
            await idle()
        self._now = end

    async def advance_until(self, reached: Callable[[], bool], idle: Idle, at_most: timedelta) -> None:
        """Let time pass from due time to due time until `reached()`.

        Raises:
            NotReached: when that takes longer than `at_most`, or nothing is due any more.
        """
        end = self._now + at_most
        await idle()
        while not reached():
            if not self._jump(end):
                raise NotReached(f"not reached by {end}, and nothing else is due until then")
            await idle()

    def _jump(self, end: datetime) -> bool:
        """Go to the next due time up to `end` and call back; False when there is none."""
        while self._due and self._due[0][0] <= end:
            due, number, callback = heapq.heappop(self._due)
            if number in self._cancelled:
                self._cancelled.discard(number)
                continue
            self._now = max(self._now, due)
            callback()
            return True
        return False
