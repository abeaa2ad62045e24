"""One step each. Every activity is idempotent and takes and returns references, never payloads."""
