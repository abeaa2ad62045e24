"""What a person on call asks first, answered from records and summaries; the catalogue is never scanned."""
