"""The app's entry points: HTTP endpoints by resource, and timers. The logic is in `shared`."""
