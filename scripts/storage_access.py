"""The app's storage for backup and restore: settings, account, and errors in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from azure.core.exceptions import AzureError

from scripts import exits
from scripts.settings_file import DEFAULT_FILE, BadSettingsFile, load_file
from shared.config.settings_loader import load_settings
from shared.domain.errors import SettingsError
from shared.persistence.storage_account import StorageAccount
from shared.persistence.store_archive import NotABackup
from shared.persistence.store_restore import NotEmpty

SettingsFile = Annotated[
    Path | None, typer.Option(help="a local.settings.json; the environment takes precedence")
]


def open_account(settings_file: Path | None) -> StorageAccount:
    """The storage account of the app's settings.

    Raises:
        BadSettingsFile, SettingsError: when the settings cannot be read.
        azure.core.exceptions.AzureError: when the account cannot be reached.
    """
    if settings_file or DEFAULT_FILE.exists():
        load_file(settings_file or DEFAULT_FILE)
    return StorageAccount(load_settings())


@contextmanager
def reported() -> Iterator[None]:
    """Print expected errors in words, and end with their exit code."""
    try:
        yield
    except (BadSettingsFile, SettingsError, NotABackup, NotEmpty) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(exits.USAGE) from None
    except AzureError as error:
        typer.echo(f"The storage account failed: {error}\nmake doctor checks the settings.", err=True)
        raise typer.Exit(exits.FAILED) from None
    except KeyboardInterrupt:
        typer.echo("\nStopped.", err=True)
        raise typer.Exit(exits.INTERRUPTED) from None
