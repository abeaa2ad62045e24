"""Faults of the host: killed at any moment, and begun again."""
