"""Writes everything that the app has stored, tables and blobs, into one file.

    python -m scripts.backup FILE [--settings-file local.settings.json]

It reads the storage account directly, with the app's settings, and may run while the app runs. It writes
`FILE.part` first and renames it at the end, so FILE is always a whole backup. `-` writes to standard output.
Exit codes: 0 done, 1 storage failed, 2 wrong usage or settings.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Annotated

import typer

if not __package__:
    # When this is run as a file, Python searches the file's folder for packages, not the project's.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import exits
from scripts.storage_access import SettingsFile, open_account, reported
from shared.persistence.store_archive import Inventory
from shared.persistence.store_backup import back_up

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def main(
    file: Annotated[Path, typer.Argument(help="the backup to write, such as store.tar.gz; - for stdout")],
    settings_file: SettingsFile = None,
) -> None:
    """Back up the app's tables and blobs."""
    if file.exists():
        typer.echo(f"{file} exists already. Give a new name, or remove it.", err=True)
        raise typer.Exit(exits.USAGE)
    with reported():
        account = open_account(settings_file)
        if str(file) == "-":
            inventory = back_up(account, sys.stdout.buffer)
        else:
            inventory = _to_file(file, lambda target: back_up(account, target))
    parts = f"{inventory.row_count} rows of {len(inventory.tables)} tables, {inventory.blobs.count} blobs"
    typer.echo(f"{file}: {parts}", err=True)


def _to_file(file: Path, write: Callable[[IO[bytes]], Inventory]) -> Inventory:
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as target:
            inventory = write(target)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return inventory


if __name__ == "__main__":
    app()
