"""Settings and schedules, without the network: every problem is named, not only the first."""

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from local.host import ncrontab
from scripts.checks.check_result import Check, failed, ok
from shared.config.prices import price_of
from shared.config.settings import Settings
from shared.config.settings_loader import problems

SETTINGS = "settings"
PRICE = "price"
HOST_STORAGE = "host storage"
SCHEDULES = {
    "NIGHTLY_SCHEDULE": "0 0 2 * * *",
    "RECONCILE_SCHEDULE": "0 */5 * * * *",
    "CLEANUP_SCHEDULE": "0 30 3 * * *",
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
    found = problems()
    names = [field.upper() for field in Settings.model_fields]
    found += [
        (name, "still holds a placeholder in < >")
        for name in names
        if _PLACEHOLDER.search(os.environ.get(name, ""))
    ]
    if found:
        remedy = "Set it in the environment or in local.settings.json; docs/settings.md explains it."
        return [failed(SETTINGS, f"{name}: {said}", remedy) for name, said in found], None
    settings = Settings()
    said = f"{len(Settings.model_fields)} settings; endpoint {settings.azure_openai_endpoint}"
    return [ok(SETTINGS, said), _check_price(settings)], settings


def _check_price(settings: Settings) -> Check:
    """Whether costs can be told, and capped."""
    price = price_of(settings.model_prices, settings.batch_model)
    if price is None:
        said = f"no price is known of the model {settings.batch_model}: every cost would be told as 0"
        return failed(PRICE, said, "Set AZURE_OPENAI_MODEL or MODEL_PRICES (docs/settings.md).")
    amounts = f"{price.input:g} input, {price.cached:g} cached input, {price.output:g} output"
    return ok(PRICE, f"{settings.batch_model}: USD per million tokens {amounts}")


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
