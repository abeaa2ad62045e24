"""Ports on loopback: which are free, and on which something listens."""

import socket
from contextlib import ExitStack

LOOPBACK = "127.0.0.1"


def listens(port: int) -> bool:
    """Whether something accepts connections on a port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK, port)) == 0


def why_unusable(port: int) -> str | None:
    """The operating system's reason why a server cannot listen on a port, or None if it can."""
    with socket.socket() as probe:
        # The servers set this option, too. With it a port in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            return error.strerror
    return None


def free_ports(count: int) -> list[int]:
    """`count` different ports that are free now. For tests, which may run beside a started app."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
