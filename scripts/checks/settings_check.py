"""Checks of settings and schedules, without the network. Every problem is reported, not only the first."""

import os
import re
from datetime import UTC, datetime

from scripts.checks.check_result import Check, failed, ok
from shared.config import ncrontab
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

# The first is a connection string; the others name an account that is reached with an identity.
_HOST_STORAGE = (
    "AzureWebJobsStorage",
    "AzureWebJobsStorage__accountName",
    "AzureWebJobsStorage__blobServiceUri",
)
_PLACEHOLDER = re.compile(r"<[^<>]+>")


def check_settings() -> tuple[list[Check], Settings | None]:
    """Check the settings. Returns one failure for each that is wrong, and the settings when none is."""
    found = problems()
    names = [field.upper() for field in Settings.model_fields]
    found += [
        (name, "still holds a placeholder in < >")
        for name in names
        if _PLACEHOLDER.search(os.environ.get(name, ""))
    ]
    if found:
        remedy = "Set it in the environment or in local.settings.json. docs/settings.md explains it."
        return [failed(SETTINGS, f"{name}: {problem}", remedy) for name, problem in found], None
    settings = Settings()
    finding = f"{len(Settings.model_fields)} settings; endpoint {settings.azure_openai_endpoint}"
    return [ok(SETTINGS, finding), _check_price(settings)], settings


def _check_price(settings: Settings) -> Check:
    """Whether the model's price is known. Without it costs can be neither reported nor capped."""
    price = price_of(settings.model_prices, settings.batch_model)
    if price is None:
        finding = f"the price of the model {settings.batch_model} is unknown: costs would be reported as 0"
        return failed(PRICE, finding, "Set AZURE_OPENAI_MODEL or MODEL_PRICES (docs/settings.md).")
    amounts = f"{price.input:g} input, {price.cached:g} cached input, {price.output:g} output"
    return ok(PRICE, f"{settings.batch_model}: USD per million tokens {amounts}")


def check_host_storage() -> Check:
    """Whether the Functions host has a storage account. It needs one for timers and Durable Functions."""
    found = next(filter(os.environ.get, _HOST_STORAGE), None)
    if found:
        return ok(HOST_STORAGE, f"{found} is set")
    return failed(
        HOST_STORAGE,
        "AzureWebJobsStorage is not set; the Functions host does not start without it",
        "Set AzureWebJobsStorage, or AzureWebJobsStorage__accountName for an identity (docs/deploy.md).",
    )


def check_schedules() -> list[Check]:
    """Whether each schedule is NCRONTAB. The Functions host reads schedules; they are not in `Settings`."""
    return [_check_schedule(name, example) for name, example in SCHEDULES.items()]


def _check_schedule(name: str, example: str) -> Check:
    remedy = f"Set {name} to six fields (second minute hour day month weekday, UTC), such as {example}"
    text = os.environ.get(name, "")
    if not text:
        return failed(name, "is not set; the host does not start without it", remedy)
    try:
        following = ncrontab.parse(text).following(datetime.now(UTC))
    except ncrontab.BadSchedule as error:
        return failed(name, str(error), remedy)
    return ok(name, f"{text} (next at {following:%Y-%m-%d %H:%M:%S} UTC)")
