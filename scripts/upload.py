"""Catalogue files on their way to the service: their formats, and how large ones travel."""

from pathlib import Path

from azure.core.exceptions import AzureError, HttpResponseError, ServiceRequestError, ServiceResponseError
from azure.storage.blob import BlobClient

# Older front ends of Azure Functions take 100 MB; what is larger goes to a blob by a signed address.
LARGEST_BODY = 90 * 1024 * 1024

_BLOCK_BYTES = 8 * 1024 * 1024
_PARALLEL = 4
_FORMATS = {
    ".csv": ("text/csv", "csv"),
    ".json": ("application/json", "json"),
    ".jsonl": ("application/x-ndjson", "jsonl"),
}


class BadFile(Exception):
    """A file that cannot be a catalogue; the text says why."""


class UploadFailed(Exception):
    """The storage account did not take the file; the text never holds the signed address."""


def content_type_of(path: Path) -> tuple[str, str]:
    """Media type and format of a catalogue file, by its ending.

    Raises:
        BadFile: when it is not there, is empty, or its ending names no format that is read.
    """
    if path.suffix.lower() not in _FORMATS:
        raise BadFile(f"{path.name}: the ending must be one of {', '.join(_FORMATS)}.")
    if not path.is_file():
        raise BadFile(f"There is no file {path}.")
    if not path.stat().st_size:
        raise BadFile(f"{path.name} is empty.")
    return _FORMATS[path.suffix.lower()]


def upload(path: Path, signed_url: str) -> None:
    """Upload a file in blocks to a signed address of a blob.

    Raises:
        UploadFailed: when the storage account refuses or does not answer.
    """
    client = BlobClient.from_blob_url(
        signed_url, max_single_put_size=_BLOCK_BYTES, max_block_size=_BLOCK_BYTES, retry_total=3
    )
    try:
        with client, path.open("rb") as file:
            client.upload_blob(file, overwrite=True, max_concurrency=_PARALLEL)
    except HttpResponseError as error:
        raise UploadFailed(
            f"The storage account refused {path.name} (HTTP {error.status_code} {error.reason}). "
            "A signed address works for some minutes only; run the import again."
        ) from None
    except (ServiceRequestError, ServiceResponseError):
        raise UploadFailed(
            f"The storage account did not take {path.name}: the connection failed. "
            "Does its network let this machine in? Then run the import again."
        ) from None
    except AzureError as error:
        raise UploadFailed(
            f"{path.name} was not uploaded ({type(error).__name__}); run the import again."
        ) from None
