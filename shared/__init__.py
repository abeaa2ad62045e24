"""What triggers, orchestrators and activities share. Nothing in here imports Azure Functions."""
