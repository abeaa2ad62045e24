"""Settings and schedules, without the network: every problem is named, not only the first."""

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from local.host import ncrontab
from scripts.checks.result import Check, failed, ok
from shared.settings import Settings

SETTINGS = "settings"
HOST_STORAGE = "host storage"
SCHEDULES = {
    "NIGHTLY_SCHEDULE": "0 0 2 * * *",
    "RECONCILE_SCHEDULE": "0 */5 * * * *",
    "CLEANUP_SCHEDULE": "0 30 3 * * *",
}

# In place of a setting that is wrong, so that the others are judged as well.
_STAND_INS: dict[str, Any] = {
    "azure_openai_endpoint": "https://example.openai.azure.com",
    "azure_openai_deployment_name": "batch",
    "storage_connection_string": "UseDevelopmentStorage=true",
    "api_keys": ("one",),
    "poll_max_seconds": 10**9,
}
# By connection string, or by identity.
_HOST_STORAGE = (
    "AzureWebJobsStorage",
    "AzureWebJobsStorage__accountName",
    "AzureWebJobsStorage__blobServiceUri",
)
_PLACEHOLDER = re.compile(r"<[^<>]+>")


class BadSettingsFile(Exception):
    """The settings file cannot be read; the text says why."""


def load_file(path: Path) -> int:
    """Put the values of a `local.settings.json` into the environment, which wins; the answer is how many.

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
    # As Core Tools do: what the environment has is not replaced.
    fresh = {name: str(value) for name, value in document["Values"].items() if name not in os.environ}
    os.environ.update(fresh)
    return len(fresh)


def check_settings() -> tuple[list[Check], Settings | None]:
    """The settings, and a check of them: one failure for each that is wrong."""
    problems = list(_problems())
    names = [field.upper() for field in Settings.model_fields]
    problems += [
        (name, "still holds a placeholder in < >")
        for name in names
        if _PLACEHOLDER.search(os.environ.get(name, ""))
    ]
    if problems:
        remedy = "Set it in the environment or in local.settings.json; docs/settings.md explains it."
        return [failed(SETTINGS, f"{name}: {said}", remedy) for name, said in problems], None
    settings = Settings()
    said = f"{len(Settings.model_fields)} settings; endpoint {settings.azure_openai_endpoint}"
    return [ok(SETTINGS, said)], settings


def check_host_storage() -> Check:
    """Whether the Functions host has a storage account: for its timers and for Durable Functions."""
    found = next(filter(os.environ.get, _HOST_STORAGE), None)
    if found:
        return ok(HOST_STORAGE, f"{found} is set")
    return failed(
        HOST_STORAGE,
        "AzureWebJobsStorage is not set, without which the Functions host does not start",
        "Set AzureWebJobsStorage, or AzureWebJobsStorage__accountName for an identity (docs/deploy.md).",
    )


def check_schedules() -> list[Check]:
    """The NCRONTAB expressions, which the Functions host reads and `Settings` does not know."""
    return [_check_schedule(name, example) for name, example in SCHEDULES.items()]


def _check_schedule(name: str, example: str) -> Check:
    remedy = f"Set {name} to six fields (second minute hour day month weekday, UTC), such as {example}"
    text = os.environ.get(name, "")
    if not text:
        return failed(name, "is not set, and the host does not start without it", remedy)
    try:
        following = ncrontab.parse(text).following(datetime.now(UTC))
    except ncrontab.BadSchedule as error:
        return failed(name, str(error), remedy)
    return ok(name, f"{text} (next at {following:%Y-%m-%d %H:%M:%S} UTC)")


def _problems() -> Iterator[tuple[str, str]]:
    """Each wrong setting with what is wrong; those found stand aside for the ones behind them."""
    stand_ins: dict[str, Any] = {}
    for _ in Settings.model_fields:
        try:
            Settings(**stand_ins)
        except ValidationError as error:
            for problem in error.errors(include_input=False, include_url=False):
                message = problem["msg"].removeprefix("Value error, ")
                # What does not fit together begins with the setting's name.
                name = str(problem["loc"][0]) if problem["loc"] else message.split()[0]
                field = name.lower()
                yield field.upper(), message if problem["loc"] else message.removeprefix(name).strip()
                if field in stand_ins or field not in Settings.model_fields:
                    return  # nothing can stand in for it, so there is no looking behind it
                default = Settings.model_fields[field].get_default(
                    call_default_factory=True, validated_data={}
                )
                stand_ins[field] = _STAND_INS.get(field, default)
        else:
            return
