"""Polls a run, a batch or an import until it ends."""

import time
from collections.abc import Callable
from typing import Any

from scripts.transport import OutOfReach

_LONGEST_INTERVAL = 15.0
# A watch survives a restart of the app that takes at most this many seconds.
_PATIENCE = 60.0

Json = dict[str, Any]


def follow(
    look: Callable[[], Json],
    ended: Callable[[Json], bool],
    seen: Callable[[Json], None] = lambda _: None,
    interval: float = 1.0,
) -> Json:
    """Call `look` at growing intervals until `ended` is true of its result. Returns that result.

    `seen` is called with every result. `interval` is the shortest pause in seconds.

    Raises:
        ApiError: when the service refuses.
        OutOfReach: when the first call does not reach the service, or none has for a minute.
    """
    began = answered = time.monotonic()
    while True:
        now = time.monotonic()
        try:
            answer = look()
        except OutOfReach:
            # A service that never answered is not in the middle of a restart.
            if answered == began or now - answered > _PATIENCE:
                raise
        else:
            answered = time.monotonic()
            seen(answer)
            if ended(answer):
                return answer
        # A job takes minutes to a day, so the pauses grow with the time that has passed.
        time.sleep(max(interval, min(_LONGEST_INTERVAL, (now - began) / 30)))
