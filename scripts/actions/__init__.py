"""The actions of `run_batch_processing`. Each takes a session and options, and returns True on success."""
