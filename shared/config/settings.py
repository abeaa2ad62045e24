"""The settings of the app, read from the environment and checked as a whole.

The fields are in `settings_fields.py`, the values computed from them in `derived_settings.py`, the rules
between them in `consistency.py`, and the reader with its error messages in `settings_loader.py`.
"""

from typing import Self

from pydantic import model_validator

from shared.config.consistency import ConflictingSettings, find_conflicts
from shared.config.derived_settings import DerivedSettings


class Settings(DerivedSettings):
    """Every setting of the app.

    Raises:
        pydantic.ValidationError: when a field is wrong, or (with a `ConflictingSettings`) fields conflict.
    """

    @model_validator(mode="after")
    def _check_conflicts(self) -> Self:
        if found := find_conflicts(self):
            raise ConflictingSettings(found)
        return self
