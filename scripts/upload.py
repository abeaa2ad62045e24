"""Catalogue files: their formats, and the upload of large ones.

Large files are uploaded by the REST API of Blob Storage (Put Block, Put Block List; learn.microsoft.com). The
SDK would double the start time of every script.
"""

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import requests

# Older front ends of Azure Functions accept 100 MB. A larger file is uploaded to a blob at a signed address.
LARGEST_BODY = 90 * 1024 * 1024

_BLOCK_BYTES = 8 * 1024 * 1024
_TRIES = 3
_TIMEOUT = (5, 120)
_FORMATS = {
    ".csv": ("text/csv", "csv"),
    ".json": ("application/json", "json"),
    ".jsonl": ("application/x-ndjson", "jsonl"),
}


class BadFile(Exception):
    """A file that cannot be a catalogue. The text says why."""


class UploadFailed(Exception):
    """The storage account did not accept the file. The text never holds the signed address."""


def content_type_of(path: Path) -> tuple[str, str]:
    """The media type and the format of a catalogue file, by its ending.

    Raises:
        BadFile: when the file is absent or empty, or its ending is not that of a known format.
    """
    if path.suffix.lower() not in _FORMATS:
        raise BadFile(f"{path.name}: the ending must be one of {', '.join(_FORMATS)}.")
    if not path.is_file():
        raise BadFile(f"There is no file {path}.")
    if not path.stat().st_size:
        raise BadFile(f"{path.name} is empty.")
    return _FORMATS[path.suffix.lower()]


def upload(path: Path, signed_url: str) -> None:
    """Upload a file in blocks to the signed address of a blob. The blob appears only when it is complete.

    Raises:
        UploadFailed: when the storage account refuses or does not answer.
    """
    with requests.Session() as session:
        block_ids = []
        for number, block in enumerate(_blocks(path)):
            block_id = base64.b64encode(f"{number:08d}".encode()).decode()
            _put(session, f"{signed_url}&comp=block&blockid={quote(block_id)}", block, path.name)
            block_ids.append(block_id)
        listed = "".join(f"<Latest>{block_id}</Latest>" for block_id in block_ids)
        body = f'<?xml version="1.0" encoding="utf-8"?><BlockList>{listed}</BlockList>'.encode()
        _put(session, f"{signed_url}&comp=blocklist", body, path.name)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            yield block


def _put(session: requests.Session, url: str, body: bytes, name: str) -> None:
    """Put a block or the list of blocks. Both can safely be repeated after a broken connection."""
    for tries_left in reversed(range(_TRIES)):
        try:
            response = session.put(url, data=body, timeout=_TIMEOUT)
        except requests.RequestException as error:
            if tries_left:
                continue
            # The text of the error would hold the signed address.
            raise UploadFailed(
                f"The storage account did not accept {name} ({type(error).__name__}). "
                "Check that its network allows this machine, and run the import again."
            ) from None
        if response.ok:
            return
        if response.status_code < 500 or not tries_left:
            raise UploadFailed(
                f"The storage account refused {name} (HTTP {response.status_code} {response.reason}). "
                "A signed address expires after a few minutes. Run the import again."
            )
