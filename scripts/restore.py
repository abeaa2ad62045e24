"""Restores a backup into an empty storage account, and compares what is there with the backup.

    python -m scripts.restore FILE [--settings-file local.settings.json]

Stop the app first, or restore before it is deployed. `-` reads standard input.
Exit codes: 0 restored without a difference, 1 storage failed or a difference was found, 2 wrong usage,
settings or file, or the account is not empty.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

if not __package__:
    # When this is run as a file, Python searches the file's folder for packages, not the project's.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import exits
from scripts.storage_access import SettingsFile, open_account, reported
from shared.persistence.store_backup import take_inventory
from shared.persistence.store_restore import queue_again, restore

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def main(
    file: Annotated[Path, typer.Argument(help="a backup that scripts.backup wrote; - for stdin")],
    settings_file: SettingsFile = None,
) -> None:
    """Restore the app's tables and blobs."""
    if str(file) != "-" and not file.is_file():
        typer.echo(f"There is no file {file}.", err=True)
        raise typer.Exit(exits.USAGE)
    with reported():
        account = open_account(settings_file)
        if str(file) == "-":
            announced = restore(account, sys.stdin.buffer)
        else:
            with file.open("rb") as source:
                announced = restore(account, source)
        differences = announced.differences(take_inventory(account))
        if not differences:
            queue_again(account)
    for difference in differences:
        typer.echo(f"differs from the backup: {difference} restored", err=True)
    if differences:
        raise typer.Exit(exits.FAILED)
    parts = f"{announced.row_count} rows, {announced.blobs.count} blobs"
    typer.echo(f"restored: {parts}. The difference to the backup is nothing.")


if __name__ == "__main__":
    app()
