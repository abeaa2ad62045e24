"""Ports on loopback: which are free, and whether something listens there."""

import socket
from contextlib import ExitStack

LOOPBACK = "127.0.0.1"


def listens(port: int) -> bool:
    """Whether something accepts connections on a port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK, port)) == 0


def why_unusable(port: int) -> str | None:
    """Why a server could not listen on a port, in the system's words, or None where it could."""
    with socket.socket() as probe:
        # As the servers do: a port whose last connection is still winding down is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            return error.strerror
    return None


def free_ports(count: int) -> list[int]:
    """Ports that are free now, each different: for tests, which run beside a started app."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
