"""Addresses of this machine. Only these may be called without TLS."""

LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")
