"""Timer functions: the nightly run, the reconciler and the clean-up. Schedules are in UTC."""
