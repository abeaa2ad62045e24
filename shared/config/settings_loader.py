"""Reads the settings once, and reports everything that is wrong with them at once."""

import os
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from shared.config.consistency import ConflictingSettings
from shared.config.settings import Settings
from shared.domain.errors import SettingsError

# Replace required settings that are wrong, so that the others can be checked as well.
_PLACEHOLDERS: dict[str, Any] = {
    "azure_openai_endpoint": "https://example.openai.azure.com",
    "azure_openai_deployment_name": "batch",
}

# Settings of former versions. They are reported, since their owner believes that they still have an effect.
_PRICE = "is no longer used: remove it, and set MODEL_PRICES=<model>=<input>/<cached input>/<output>"
_RETIRED = {"PRICE_INPUT_PER_MILLION": _PRICE, "PRICE_OUTPUT_PER_MILLION": _PRICE}


def problems() -> list[tuple[str, str]]:
    """The settings of the environment that are wrong: name and what is wrong, never the value."""
    found = {name: message for name, message in _RETIRED.items() if os.environ.get(name)}
    placeholders: dict[str, Any] = {}
    for _ in range(2):  # conflicts show in the second pass, when each setting is valid by itself
        try:
            Settings(**placeholders)
        except ValidationError as error:
            for problem in error.errors(include_input=False, include_url=False):
                reason = problem.get("ctx", {}).get("error")
                if isinstance(reason, ConflictingSettings):
                    for conflict in reason.conflicts:
                        if not found.keys() & {conflict.setting, *conflict.related}:
                            found[conflict.setting] = conflict.message
                    return list(found.items())
                name = str(problem["loc"][0]).lower()
                name = name if name in Settings.model_fields else "storage_connection_string"
                field = Settings.model_fields[name]
                hint = f" (expected: {field.description})" if field.description else ""
                found[name.upper()] = problem["msg"].removeprefix("Value error, ") + hint
                default = field.get_default(call_default_factory=True, validated_data={})
                placeholders[name] = _PLACEHOLDERS.get(name, default)
        else:
            break
    return list(found.items())


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: naming each wrong setting and what was expected, never its value.
    """
    found = problems()
    if not found:
        return Settings()
    lines = "\n".join(f"  {name}: {message}" for name, message in found)
    raise SettingsError(
        f"The app cannot start; these settings are missing or wrong:\n{lines}"
        "\nSet them in the environment or in local.settings.json; docs/settings.md explains each."
    )


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read at the first call."""
    return load_settings()
