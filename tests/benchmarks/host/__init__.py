"""Benchmarks of the host, each against a limit that is measured in the same run."""
