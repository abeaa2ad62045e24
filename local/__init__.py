"""Runs the app on one machine without Azure: storage, an emulator of Azure OpenAI, and a host."""
