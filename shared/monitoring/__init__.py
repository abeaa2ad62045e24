"""The data behind the dashboard. It is read from records and summaries; the catalogue is never scanned."""
