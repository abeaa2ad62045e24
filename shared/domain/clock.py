"""The app's only source of the time.

Everything outside orchestrators asks `utcnow()` here (orchestrators ask their context), so that tests can
put the whole app on a virtual clock with `use()`.
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
    """The time now, aware and in UTC."""
    return _now()


def sleep(seconds: float) -> None:
    """Let so much time pass. For moments: whoever has long to wait says so to the orchestration."""
    _sleep(seconds)


@contextmanager
def use(now: Callable[[], datetime], sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Let `utcnow()` and `sleep()` be these inside the block (tests only; process-wide)."""
    global _now, _sleep
    before, _now, _sleep = (_now, _sleep), now, sleep
    try:
        yield
    finally:
        _now, _sleep = before
