"""Addresses of this machine, the only ones that may be called without TLS."""

LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")
