"""Deterministic coordination: an orchestrator schedules activities, and waits.

It has no clock of its own, does no I/O, and decides by what activities return, which is stored in the tables.
"""
