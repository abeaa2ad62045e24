"""Writes the settings of an app that `azd` has deployed into a settings file, for the doctor.

    python -m scripts.azure_settings dist/azure.settings.json [--values values.json]

It asks `azd env get-values --output json`, or reads such output from a file. The settings are those that
`infra/main.bicep` gave to the app (its output APP_SETTINGS), and the keys of the azd environment. The file
holds keys, so only its owner may read it. Exit codes: 0 done, 1 the values cannot be had.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

if not __package__:
    # When this is run as a file, Python searches the file's folder for packages, not the project's.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import exits

OUTPUT = "APP_SETTINGS"
# Secrets are no outputs of the deployment. They are in the azd environment, under the names of the settings.
KEYS = ("API_KEYS", "READ_API_KEYS")
_COMMAND = ("azd", "env", "get-values", "--output", "json")
_OWNER_ONLY = 0o600

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


class NoValues(Exception):
    """The values of the azd environment cannot be had, or are not those of this app. The text says why."""


@app.command()
def main(
    target: Annotated[Path, typer.Argument(help="the settings file to write")],
    values: Annotated[Path | None, typer.Option(help="output of azd env get-values --output json")] = None,
) -> None:
    """Write the settings of the deployed app into a file for the doctor."""
    try:
        settings = read_settings(values.read_text(encoding="utf-8") if values else _ask_azd())
    except (NoValues, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(exits.FAILED) from None
    write(target, settings)
    typer.echo(f"{target}: {len(settings)} settings. Now: make doctor SETTINGS={target}")


def read_settings(text: str) -> dict[str, str]:
    """The settings of the app, from the values of the azd environment.

    Raises:
        NoValues: when the text is no JSON object, or the deployment has not put APP_SETTINGS into it.
    """
    values = _object(text, "The output of azd")
    if OUTPUT not in values:
        raise NoValues(f"The azd environment has no {OUTPUT}. Run `azd provision` first.")
    # azd keeps an output that is an object as JSON text.
    given = values[OUTPUT]
    settings = _object(given, OUTPUT) if isinstance(given, str) else dict(given)
    settings |= {name: values[name] for name in KEYS if values.get(name)}
    return {name: str(value) for name, value in settings.items()}


def write(target: Path, settings: dict[str, str]) -> None:
    """Write a settings file that only its owner may read."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"IsEncrypted": False, "Values": settings}, file, indent=2)


def _object(text: str, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise NoValues(f"{what} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise NoValues(f"{what} is not a JSON object.")
    return found


def _ask_azd() -> str:
    try:
        done = subprocess.run(_COMMAND, capture_output=True, text=True, check=True)  # noqa: S603 - constant
    except FileNotFoundError:
        raise NoValues("azd is not installed. Install it, or give its output with --values.") from None
    except subprocess.CalledProcessError as error:
        raise NoValues(f"`{' '.join(_COMMAND)}` failed: {error.stderr.strip()}") from None
    return done.stdout


if __name__ == "__main__":
    app()
