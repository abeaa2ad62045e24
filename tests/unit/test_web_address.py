"""Settings may name an address without TLS only on this machine, and no other host can pass for it."""

import pytest

from shared.domain.web_address import is_secure


@pytest.mark.parametrize(
    "address",
    [
        "https://shop.openai.azure.com", "https://hooks.example:8443/a?b=c", "https://alertmanager/hook",
        "http://127.0.0.1:10000", "http://localhost", "http://localhost:7071/x", "http://[::1]:80/",
    ],
)  # fmt: skip
def test_addresses_with_tls_or_on_this_machine(address: str) -> None:
    assert is_secure(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://[::1].evil.example",
        "http://localhost@evil.example", "http://localhost:1@evil.example", r"http://localhost\.evil.example",
        r"http://evil.example\@localhost", "http://shop.example", "https://good.example@evil.example",
        "http://localhost\t.evil.example", "https://", "https:", "ftp://localhost", "",
    ],
)  # fmt: skip
def test_addresses_without_tls_elsewhere_or_with_a_disguised_host(address: str) -> None:
    assert not is_secure(address)
