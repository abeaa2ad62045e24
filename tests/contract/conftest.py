from local.openai_emulator.pytest_fixtures import openai_emulator, openai_emulator_config

__all__ = ["openai_emulator", "openai_emulator_config"]
