"""Ends the services of a parent that has ended, even after `kill -9`.

The parent holds a pipe to this process and writes the process group of each service into it. When the pipe
closes, this process sends SIGTERM to the groups that still exist, and SIGKILL five seconds later.

    python -m local.watchdog < pipe
"""

import os
import signal
import sys
import time

_PATIENCE_SECONDS = 5.0


def main() -> None:
    # Ctrl+C reaches all processes of the terminal. The parent decides what to stop.
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
    """Send a signal to each group. Returns the groups that still exist."""
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
