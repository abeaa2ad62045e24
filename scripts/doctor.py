"""Checks a configuration before anything runs: settings, storage, Azure OpenAI, schedules.

    python -m scripts.doctor [--offline] [--settings-file local.settings.json]

No app runs yet, so this script is not a client of the HTTP API. It imports `shared` for the settings and the
clients, and the local host's reader of schedules. It costs nothing, or a few tokens.
Exit codes: 0 no check failed, 1 a check failed, 2 wrong usage; 130 after Ctrl+C.
"""

import dataclasses
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

if not __package__:
    # When this is run as a file, Python searches the file's folder for packages, not the project's.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rich.status import Status

from scripts import exits
from scripts.checks import batch_check, openai_check, settings_check, storage_check
from scripts.checks.check_result import Check, State, failed, skipped
from scripts.settings_file import DEFAULT_FILE, BadSettingsFile, load_file
from scripts.terminal import console, progress_console
from shared.config.settings import Settings
from shared.domain.batch import DEFAULT_DEPLOYMENT, TransferMode

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

_DEPLOYMENT = (openai_check.ENDPOINT, batch_check.BATCH)
_NETWORK = (storage_check.BLOBS, storage_check.TABLES, *_DEPLOYMENT, openai_check.ONLINE)
_MARKS = {State.OK: "green", State.FAILED: "red", State.SKIPPED: "yellow", State.NOT_SET: "dim"}


@app.command()
def main(
    settings_file: Annotated[
        Path | None, typer.Option(help="a local.settings.json; the environment takes precedence")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="settings and schedules only")] = False,
    patience: Annotated[
        float, typer.Option(min=1, help="seconds that Azure may take to validate the job of one line")
    ] = 900,
    as_json: Annotated[
        bool, typer.Option("--json", help="print the checks as JSON and nothing else")
    ] = False,
) -> None:
    """Check each part of the configuration. For each failure, print what to do."""
    # Its log repeats at length what the check reports in one line.
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
    checks: list[Check] = []
    try:
        with progress_console.status("", spinner="dots") as status:
            for check in _checks(settings_file, offline, patience, status):
                checks.append(check)
                if not as_json:
                    _print(check)
    except KeyboardInterrupt:
        typer.echo("\nStopped. The check's job and files at Azure were cancelled and deleted.", err=True)
        raise typer.Exit(exits.INTERRUPTED) from None
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(check) for check in checks], indent=2, ensure_ascii=False))
    well = all(check.state is not State.FAILED for check in checks)
    raise typer.Exit(exits.DONE if well else exits.FAILED)


def _checks(settings_file: Path | None, offline: bool, patience: float, status: Status) -> Iterator[Check]:
    """All checks. Each depends only on those before it."""
    file = settings_file or DEFAULT_FILE
    if settings_file or file.exists():
        try:
            load_file(file)
        except BadSettingsFile as error:
            yield failed(settings_check.SETTINGS, str(error), "Start from local.settings.json.example.")
    found, settings = settings_check.check_settings()
    yield from found
    yield settings_check.check_host_storage()
    yield from settings_check.check_schedules()
    if offline or settings is None:
        why = "offline" if offline else "the settings are not valid"
        yield from (skipped(name, why) for name in _NETWORK)
        further = settings.more_deployments if settings else ()
        yield from (_at(each.name, skipped(name, why)) for each in further for name in _DEPLOYMENT)
        return
    yield from _network_checks(settings, patience, status)


def _network_checks(settings: Settings, patience: float, status: Status) -> Iterator[Check]:
    status.update("storage …")
    stored = storage_check.check_storage(settings)
    yield from stored
    by_blobs = settings.transfer_mode == TransferMode.BLOB
    unready = by_blobs and any(check.state is not State.OK for check in stored)
    for name, own in settings.by_deployment().items():
        yield from _deployment_checks(name, own, patience, status, unready)


def _deployment_checks(
    name: str, settings: Settings, patience: float, status: Status, unready: bool
) -> Iterator[Check]:
    """The checks of one batch deployment and its resource.

    The online deployment is at the resource of the fixed settings, so it is checked with the default one.
    `unready`: the job's input is a blob, and blobs cannot be written.
    """
    status.update("Azure OpenAI …")
    endpoint = openai_check.check_endpoint(settings)
    yield _at(name, endpoint)
    if endpoint.state is not State.OK:
        why = "the check of the endpoint and its key failed"
        yield _at(name, skipped(batch_check.BATCH, why))
        if name == DEFAULT_DEPLOYMENT:
            yield skipped(openai_check.ONLINE, why)
        return
    if unready:
        yield _at(name, skipped(batch_check.BATCH, "TRANSFER_MODE=blob needs the storage account"))
    else:
        batch = batch_check.check_batch_deployment(
            settings, patience, lambda what: status.update(f"batch deployment: {what} …")
        )
        yield _at(name, batch)
    if name == DEFAULT_DEPLOYMENT:
        yield openai_check.check_online(settings)


def _at(name: str, check: Check) -> Check:
    """Add a further deployment's name to its check, and to the remedy where its settings are."""
    if name == DEFAULT_DEPLOYMENT:
        return check
    remedy = f"{check.remedy} The settings of {name} are in its entry of MORE_DEPLOYMENTS."
    return dataclasses.replace(check, name=f"{check.name} of {name}", remedy=remedy if check.remedy else "")


def _print(check: Check) -> None:
    console.print(f"{check.state:8}", style=_MARKS[check.state], end="")
    console.print(f"{check.name}: {check.said}", soft_wrap=True)
    if check.remedy:
        console.print(f"        → {check.remedy}", soft_wrap=True)


if __name__ == "__main__":
    app()
