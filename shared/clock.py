"""The app's only source of the time.

Everything outside orchestrators asks `utcnow()` here (orchestrators ask their context), so that tests can
put the whole app on a virtual clock with `use()`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _system_time() -> datetime:
    return datetime.now(UTC)


_now: Callable[[], datetime] = _system_time


def utcnow() -> datetime:
    """The time now, aware and in UTC."""
    return _now()


@contextmanager
def use(now: Callable[[], datetime]) -> Iterator[None]:
    """Let `utcnow()` answer with `now()` inside the block (tests only; process-wide)."""
    global _now  # noqa: PLW0603 - the seam itself
    before, _now = _now, now
    try:
        yield
    finally:
        _now = before
