"""Reads a `local.settings.json`, for scripts that need the app's own settings."""

import json
import os
from pathlib import Path

# Read when no other file is given.
DEFAULT_FILE = Path(__file__).resolve().parent.parent / "local.settings.json"


class BadSettingsFile(Exception):
    """The settings file cannot be read. The text says why."""


def load_file(path: Path) -> int:
    """Copy the values of a `local.settings.json` into the environment. Returns how many were copied.

    Variables that are already in the environment are not replaced, as in Core Tools.

    Raises:
        BadSettingsFile: when it is not such a file, or is encrypted.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise BadSettingsFile(f"{path} cannot be read: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("Values"), dict):
        raise BadSettingsFile(f'{path} has no "Values" object')
    if document.get("IsEncrypted"):
        raise BadSettingsFile(f"{path} is encrypted; decrypt it with `func settings decrypt`")
    fresh = {name: str(value) for name, value in document["Values"].items() if name not in os.environ}
    os.environ.update(fresh)
    return len(fresh)
