"""The host's only source of the time, so that a test can put it on a virtual clock."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits for it."""

    def now(self) -> datetime:
        """The time now, aware and in UTC."""

    async def wait_until(self, due: datetime | None, changed: asyncio.Event) -> None:
        """Return when `due` has come (None: never) or `changed` is set, whichever is first."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def wait_until(self, due: datetime | None, changed: asyncio.Event) -> None:
        timeout = None if due is None else max(0.0, (due - self.now()).total_seconds())
        try:
            await asyncio.wait_for(changed.wait(), timeout)
        except TimeoutError:
            return
