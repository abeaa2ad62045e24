"""Clients of the storage account, by connection string, or by account name with the app's identity."""

from contextlib import suppress
from typing import Any

from azure.core.exceptions import ResourceExistsError
from azure.core.pipeline.transport import RequestsTransport
from azure.data.tables import TableServiceClient
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient, ContainerClient
from requests import Session
from requests.adapters import HTTPAdapter

from shared.config.settings import Settings
from shared.persistence.blobs import READ_BYTES
from shared.persistence.signed_urls import Signer
from shared.persistence.table import Table
from shared.persistence.transactions import TransactionClient

# Activities write with at most this many threads, and `requests` keeps as many connections open.
CONNECTIONS = 32

# By default the SDK's first call reads up to 32 MB ahead, for every open blob.
_SMALL_READS: dict[str, Any] = {"max_single_get_size": READ_BYTES, "max_chunk_get_size": READ_BYTES}

TABLES = (
    "products",
    "content",
    "batches",
    "runs",
    "imports",
    "requeueings",
    "exports",
    "summaries",
    "reservations",
    "activity",
)


class StorageAccount:
    """The app's tables and its blob container, created where they are absent.

    Raises:
        azure.core.exceptions.AzureError: when the account cannot be reached or refuses the credentials.
    """

    def __init__(self, settings: Settings) -> None:
        connection_string = settings.storage_connection_string.get_secret_value()
        transport = make_transport()
        if connection_string:
            blobs = BlobServiceClient.from_connection_string(
                connection_string, transport=make_transport(), **_SMALL_READS
            )
            tables = TableServiceClient.from_connection_string(connection_string, transport=transport)
        else:
            account, credential = settings.storage_account_name, DefaultAzureCredential()
            blobs = BlobServiceClient(
                f"https://{account}.blob.core.windows.net",
                credential=credential,
                transport=make_transport(),
                **_SMALL_READS,
            )
            tables = TableServiceClient(
                endpoint=f"https://{account}.table.core.windows.net",
                credential=credential,
                transport=transport,
            )
        self.container: ContainerClient = blobs.get_container_client(settings.blob_container)
        self.signer = Signer(blobs, settings.blob_container, settings.signed_url_minutes)
        self._tables: dict[str, Table] = {}
        for name in TABLES:
            full_name = settings.table_prefix + name
            tables.create_table_if_not_exists(full_name)
            client = TransactionClient(
                tables.url, full_name, credential=tables.credential, transport=transport
            )
            self._tables[name] = Table(client)
        with suppress(ResourceExistsError):  # created by an earlier start
            self.container.create_container()

    def table(self, name: str) -> Table:
        """The table `name`, one of `TABLES`, with the configured prefix."""
        return self._tables[name]


def make_transport() -> RequestsTransport:
    """An HTTP transport with one connection per writing thread."""
    session = Session()
    session.mount("http://", HTTPAdapter(pool_maxsize=CONNECTIONS))
    session.mount("https://", HTTPAdapter(pool_maxsize=CONNECTIONS))
    return RequestsTransport(session=session, session_owner=False)
