"""Unit tests of the host: each runs a small app in a host, on a clock that the test moves."""
