"""Signed addresses (SAS): short-lived, for one blob and one purpose."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from azure.storage.blob import BlobSasPermissions, BlobServiceClient, generate_blob_sas

from shared.domain.clock import utcnow

# So that an address is already valid for a clock that is a little behind.
_SLACK = timedelta(minutes=5)


@dataclass(frozen=True)
class SignedUrl:
    """An address that works without a key until it expires."""

    url: str
    expires_at: datetime


class Signer:
    """Signs with the account's key or, where the app uses an identity, with a user delegation key.

    An address works over HTTPS only. The exception is storage that has no HTTPS: Azurite on this machine.
    """

    def __init__(self, service: BlobServiceClient, container: str, minutes: int) -> None:
        self._service = service
        self._container = container
        self._minutes = minutes

    def sign(self, blob: str, purpose: Literal["read", "upload"]) -> SignedUrl:
        """An address of `blob`, for reading it, or for creating it and writing its blocks."""
        now = utcnow()
        expires_at = now + timedelta(minutes=self._minutes)
        reading = purpose == "read"
        permission = BlobSasPermissions(read=reading, create=not reading, write=not reading)
        account_key = getattr(self._service.credential, "account_key", None)
        delegation = (
            None if account_key else self._service.get_user_delegation_key(now - _SLACK, expires_at + _SLACK)
        )
        token = generate_blob_sas(
            account_name=str(self._service.account_name),
            container_name=self._container,
            blob_name=blob,
            account_key=account_key,
            user_delegation_key=delegation,
            permission=permission,
            start=now - _SLACK,
            expiry=expires_at,
            protocol="https" if self._service.url.startswith("https:") else None,
        )
        client = self._service.get_blob_client(self._container, blob)
        return SignedUrl(f"{client.url}?{token}", expires_at)
