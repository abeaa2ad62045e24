"""The command line: clients of the HTTP API, and nothing else."""
