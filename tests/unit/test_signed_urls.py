"""Signed addresses: over HTTPS only, except for storage on this machine that has no HTTPS."""

from urllib.parse import parse_qs, urlsplit

import pytest
from azure.storage.blob import BlobServiceClient

from shared.persistence.signed_urls import Signer

ACCOUNT = {"account_name": "shop", "account_key": "a2V5"}


@pytest.mark.parametrize(
    ("service", "protocols"),
    [("https://shop.blob.core.windows.net", ["https"]), ("http://127.0.0.1:10000/shop", [])],
)
@pytest.mark.parametrize("purpose", ["read", "upload"])
def test_an_address_is_good_over_https_only(service: str, protocols: list[str], purpose: str) -> None:
    signer = Signer(BlobServiceClient(service, credential=ACCOUNT), "files", 15)
    signed = signer.sign("a/b.csv", "read" if purpose == "read" else "upload")
    assert parse_qs(urlsplit(signed.url).query).get("spr", []) == protocols
