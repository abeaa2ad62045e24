"""Watching what goes on by itself: a run, a batch, an import."""

import time
from collections.abc import Callable
from typing import Any

from scripts.transport import OutOfReach

_LONGEST_INTERVAL = 15.0
# A watch goes on through a restart of the app of this many seconds.
_PATIENCE = 60.0

Json = dict[str, Any]


def follow(
    look: Callable[[], Json],
    ended: Callable[[Json], bool],
    seen: Callable[[Json], None] = lambda _: None,
    interval: float = 1.0,
) -> Json:
    """Look at growing intervals until `ended`; a short absence of the service is waited out.

    Raises:
        ApiError: when the service refuses.
        OutOfReach: when it has been away for a minute.
    """
    began = answered = time.monotonic()
    while True:
        now = time.monotonic()
        try:
            answer = look()
        except OutOfReach:
            # Never answered at all: then it is not a restart that one waits out.
            if answered == began or now - answered > _PATIENCE:
                raise
        else:
            answered = time.monotonic()
            seen(answer)
            if ended(answer):
                return answer
        # A job takes minutes to a day: looking every second all night serves nobody.
        time.sleep(max(interval, min(_LONGEST_INTERVAL, (now - began) / 30)))
