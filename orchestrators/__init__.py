"""Deterministic coordination only: no clock, no I/O, no decisions that the tables do not hold."""
