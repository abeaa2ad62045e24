"""Azurite, Microsoft's storage emulator: the command that starts it, and its connection string.

The npm package is locked in this folder. `local.install` installs it into `.venv/azurite`.
"""

from pathlib import Path
from typing import NamedTuple

from local import install

ACCOUNT = "devstoreaccount1"
# Azurite's well-known key (learn.microsoft.com, "Use the Azurite emulator"). It is public, not a secret.
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_SCRIPT = install.AZURITE / "node_modules/azurite/dist/src/azurite.js"
_HOST = "127.0.0.1"


class NotInstalled(Exception):
    """Azurite or Node is missing. The text says what to do."""


class Ports(NamedTuple):
    """The ports of the three services, on loopback."""

    blob: int
    queue: int
    table: int


def command(ports: Ports, data: Path | None) -> list[str]:
    """The command that starts Azurite on `ports`. Its data is kept in the folder `data` (None: in memory).

    Raises:
        NotInstalled: when `make setup` has not been run.
    """
    node = install.node()
    if node is None or not _SCRIPT.exists():
        raise NotInstalled("Azurite is not installed; run `make setup`.")
    place = ["--inMemoryPersistence"] if data is None else ["--location", str(data)]
    hosts = [word for kind in ("blob", "queue", "table") for word in (f"--{kind}Host", _HOST)]
    numbers = [word for kind, port in ports._asdict().items() for word in (f"--{kind}Port", str(port))]
    # The SDKs send newer API versions than Azurite supports.
    return [
        str(node), str(_SCRIPT), "--silent", "--skipApiVersionCheck", "--disableTelemetry",
        *hosts, *numbers, *place,
    ]  # fmt: skip


def connection_string(ports: Ports) -> str:
    """The connection string of the account."""
    endpoints = "".join(
        f"{kind.capitalize()}Endpoint=http://{_HOST}:{port}/{ACCOUNT};"
        for kind, port in ports._asdict().items()
    )
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={ACCOUNT_KEY};{endpoints}"
