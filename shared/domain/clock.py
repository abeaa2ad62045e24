"""The app's only source of the time.

All code outside orchestrators calls `utcnow()`; orchestrators ask their context. Tests put the whole app on a
virtual clock with `use()`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _system_time() -> datetime:
    return datetime.now(UTC)


_now: Callable[[], datetime] = _system_time
_sleep: Callable[[float], None] = time.sleep


def utcnow() -> datetime:
    """The current time, timezone-aware, in UTC."""
    return _now()


def sleep(seconds: float) -> None:
    """Wait for some seconds. For short waits only: let the orchestration wait for anything longer."""
    _sleep(seconds)


@contextmanager
def use(now: Callable[[], datetime], sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Replace `utcnow()` and `sleep()` inside the block, for the whole process. For tests only."""
    global _now, _sleep
    before, _now, _sleep = (_now, _sleep), now, sleep
    try:
        yield
    finally:
        _now, _sleep = before
