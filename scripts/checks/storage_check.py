"""Checks of the storage account: the doctor writes, reads and deletes a blob and an entity of its own."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
)
from azure.data.tables import TableServiceClient
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient

from scripts.checks.check_result import Check, failed, ok
from shared.config.settings import Settings

BLOBS = "blob storage"
TABLES = "table storage"

_FORBIDDEN = 403
_PARTITION = "doctor"
# The doctor fails within seconds. The app's own clients retry through an outage.
_IMPATIENT: dict[str, Any] = {"retry_total": 0, "connection_timeout": 5, "read_timeout": 20}


def check_storage(settings: Settings) -> list[Check]:
    """Whether blobs and entities can be written, read and deleted."""
    return [
        _judge(settings, BLOBS, "Storage Blob Data Contributor", lambda: _probe_blob(settings)),
        _judge(settings, TABLES, "Storage Table Data Contributor", lambda: _probe_entity(settings)),
    ]


def _judge(settings: Settings, name: str, role: str, probe: Callable[[], str]) -> Check:
    by_identity = not settings.storage_connection_string.get_secret_value()
    credentials = (
        f"Give the identity the role {role} on the account (this takes minutes), and sign in (az login)."
        if by_identity
        else "Copy the connection string again: Azure portal, storage account, Access keys."
    )
    try:
        return ok(name, probe())
    except ClientAuthenticationError as error:
        return failed(name, f"the account refuses the credentials: {_short(error)}", credentials)
    except HttpResponseError as error:
        remedy = credentials if error.status_code == _FORBIDDEN else "See docs/deploy.md, storage account."
        return failed(name, f"HTTP {error.status_code}: {_short(error)}", remedy)
    except AzureError as error:
        remedy = "Check the account's name and its network rules. On one machine: is `make serve` running?"
        return failed(name, f"nothing answers: {_short(error)}", remedy)
    except ValueError:
        # The text of the SDK's error may hold a part of the connection string.
        return failed(name, "the connection string cannot be read", credentials)


def _probe_blob(settings: Settings) -> str:
    connection_string = settings.storage_connection_string.get_secret_value()
    if connection_string:
        service = BlobServiceClient.from_connection_string(connection_string, **_IMPATIENT)
    else:
        url = f"https://{settings.storage_account_name}.blob.core.windows.net"
        service = BlobServiceClient(url, credential=DefaultAzureCredential(), **_IMPATIENT)
    with service:
        container = service.get_container_client(settings.blob_container)
        with suppress(ResourceExistsError):  # the app creates it at its start, too
            container.create_container()
        blob = container.get_blob_client(f"doctor/{uuid.uuid4().hex}")
        blob.upload_blob(b"probe")
        try:
            read = blob.download_blob().readall()
        finally:
            blob.delete_blob()
    if read != b"probe":
        raise AzureError("the blob that was read differs from the one that was written")
    return f"a blob was written, read and deleted in {settings.blob_container}"


def _probe_entity(settings: Settings) -> str:
    connection_string = settings.storage_connection_string.get_secret_value()
    if connection_string:
        service = TableServiceClient.from_connection_string(connection_string, **_IMPATIENT)
    else:
        url = f"https://{settings.storage_account_name}.table.core.windows.net"
        service = TableServiceClient(endpoint=url, credential=DefaultAzureCredential(), **_IMPATIENT)
    # A table of the app, not a table of the doctor: Azure refuses the name of a deleted table for a while.
    name = f"{settings.table_prefix}summaries"
    entity = {"PartitionKey": _PARTITION, "RowKey": uuid.uuid4().hex, "text": "probe"}
    with service:
        table = service.create_table_if_not_exists(name)
        table.create_entity(entity)
        try:
            read = table.get_entity(_PARTITION, entity["RowKey"])["text"]
        finally:
            table.delete_entity(_PARTITION, entity["RowKey"])
    if read != "probe":
        raise AzureError("the entity that was read differs from the one that was written")
    return f"an entity was written, read and deleted in {name}"


def _short(error: AzureError) -> str:
    """The service's error code, or the first line of its message. Never a header or a signature."""
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code)) if code else str(error.message).splitlines()[0][:200]
