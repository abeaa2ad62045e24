"""What happens by the clock: the nightly run, the reconciler, the clean-up. Schedules are UTC."""
