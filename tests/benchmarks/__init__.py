"""Measured, and run by hand: see docs."""
