"""How the outside reaches in: HTTP by resource, and timers. No logic of their own."""
