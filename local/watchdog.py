"""Ends the services of a parent that is gone, however it went: `kill -9` leaves nothing running.

The parent holds a pipe to this process and writes the process group of each service into it. When the pipe
closes, the groups that are still there are asked to end, and killed where they do not.

    python -m local.watchdog < pipe
"""

import os
import signal
import sys
import time

_PATIENCE_SECONDS = 5.0


def main() -> None:
    # Ctrl+C goes to the whole terminal; what follows from it is for the parent to decide.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups = [int(line) for line in sys.stdin]
    _signal(groups, signal.SIGTERM)
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while groups and time.monotonic() < give_up:
        groups = _signal(groups, 0)
        time.sleep(0.1)
    _signal(groups, signal.SIGKILL)


def _signal(groups: list[int], number: int) -> list[int]:
    """Signal each group; the answer is those that are still there."""
    left = []
    for group in groups:
        try:
            os.killpg(group, number)
        except (ProcessLookupError, PermissionError):
            continue
        left.append(group)
    return left


if __name__ == "__main__":
    main()
