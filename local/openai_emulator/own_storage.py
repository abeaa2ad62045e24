"""Jobs with the customer's own storage: reads the input blob and writes results with Azure's storage client.

Access is by the SAS in a URL, or by the configured connection string, which takes the role of the resource's
managed identity. It works with Azurite and with Azure.
"""

from pathlib import Path
from urllib.parse import urlsplit

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, ResourceModifiedError
from azure.storage.blob import BlobClient, BlobServiceClient

_CHUNK = 4 * 1024 * 1024


class NoPermission(Exception):
    """The blob cannot be read or written: there is no access, or the blob does not exist."""


class Modified(Exception):
    """The blob has changed since the job was created."""


def _no_permission(error: AzureError) -> NoPermission:
    # Use the reason instead of the message: the message may contain the URL with its SAS.
    return NoPermission(str(getattr(error, "reason", None) or type(error).__name__))


class OwnStorage:
    """The blobs that jobs read and write."""

    def __init__(self, connection_string: str | None) -> None:
        self._service = (
            None if connection_string is None else BlobServiceClient.from_connection_string(connection_string)
        )

    def etag(self, url: str) -> str | None:
        """The blob's ETag, or None when it cannot be read."""
        try:
            return str(self._client(url).get_blob_properties().etag)
        except (AzureError, ValueError):
            return None

    def fetch(self, url: str, etag: str, path: Path) -> None:
        """Copy the blob to `path` as a stream.

        Raises:
            Modified: when its ETag is not `etag`.
            NoPermission: when it cannot be read.
        """
        try:
            download = self._client(url).download_blob(
                etag=etag, match_condition=MatchConditions.IfNotModified
            )
            with path.open("wb") as file:
                for chunk in download.chunks():
                    file.write(chunk)
        except ResourceModifiedError as error:
            raise Modified(url) from error
        except AzureError as error:
            raise _no_permission(error) from error

    def save(self, url: str, path: Path) -> None:
        """Copy the file at `path` to a blob as a stream.

        Raises:
            NoPermission: when the blob cannot be written.
        """
        try:
            with path.open("rb") as file:
                self._client(url).upload_blob(file, overwrite=True)
        except AzureError as error:
            raise _no_permission(error) from error

    def _client(self, url: str) -> BlobClient:
        credential = None
        if self._service is not None and not urlsplit(url).query:
            credential = self._service.credential
        return BlobClient.from_blob_url(
            url,
            credential=credential,
            max_single_get_size=_CHUNK,
            max_chunk_get_size=_CHUNK,
            # An unreachable blob is a refusal, so do not wait long for it.
            retry_total=1,
            connection_timeout=5,
        )
