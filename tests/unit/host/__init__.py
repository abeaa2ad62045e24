"""Unit tests of the host: small apps in a host of their own, on a clock that a test moves."""
