"""Reading the settings once, and telling everything that is wrong with them at once."""

import os
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from shared.config.consistency import ConflictingSettings
from shared.config.settings import Settings
from shared.domain.errors import SettingsError

# In place of a required setting that is wrong, so that the others are judged as well.
_STAND_INS: dict[str, Any] = {
    "azure_openai_endpoint": "https://example.openai.azure.com",
    "azure_openai_deployment_name": "batch",
}

# Settings of former versions, and what takes their place: who still has one believes that it counts.
_PRICE = "counts no more; set MODEL_PRICES=<model>=<input>/<cached input>/<output>, and take it out"
_RETIRED = {"PRICE_INPUT_PER_MILLION": _PRICE, "PRICE_OUTPUT_PER_MILLION": _PRICE}


def problems() -> list[tuple[str, str]]:
    """Every setting of the environment that is wrong, by name, with what is wrong; never its value."""
    found = {name: said for name, said in _RETIRED.items() if os.environ.get(name)}
    stand_ins: dict[str, Any] = {}
    for _ in range(2):  # what does not fit together shows when each is right by itself
        try:
            Settings(**stand_ins)
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
                stand_ins[name] = _STAND_INS.get(name, default)
        else:
            break
    return list(found.items())


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: naming each wrong setting, what it expects, and never its value.
    """
    found = problems()
    if not found:
        return Settings()
    lines = "\n".join(f"  {name}: {said}" for name, said in found)
    raise SettingsError(
        f"The app cannot start; these settings are missing or wrong:\n{lines}"
        "\nSet them in the environment or in local.settings.json; docs/settings.md explains each."
    )


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings, read at the first call."""
    return load_settings()
