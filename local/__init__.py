"""One machine, no cloud: storage, an emulator of Azure OpenAI, and a host for the app."""
