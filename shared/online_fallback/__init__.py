"""Online fallback: the last requests of a run as online calls. Off unless STRAGGLER_MAX_REQUESTS is set."""
