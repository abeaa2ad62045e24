"""Cleans the product addresses of the catalogue, and finds the store that they belong to."""

import re
from urllib.parse import unquote_plus, urlsplit

from shared.retailers.registry import store_of_host

# Query parameters that credit a sale to an affiliate or track a shopper. They are never part of a product's
# address. Their names come from the link patterns of the stores.
_TRACKING = frozenset(
    {
        "affid", "offid", "subid", "subid2", "awc", "awinaffid", "awinmid", "clickref", "irgwc", "irpid",
        "irclickid", "tag", "af", "a_aid", "a_cid", "siid", "programuuid", "gclid", "fbclid", "msclkid",
    }
)  # fmt: skip


_BLANK = re.compile(r"[\s\x00-\x1f]")


def clean_url(url: str) -> str:
    """A product address as it was given, without affiliate and tracking parameters.

    Raises:
        ValueError: `url` is not an absolute http(s) address with a host.
    """
    address = url.strip()
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or _BLANK.search(address):
        raise ValueError("not an absolute http(s) address")
    address = parts.scheme + address[len(parts.scheme) :]
    before, mark, fragment = address.partition("#")
    base, _, query = before.partition("?")
    given = query.split("&")
    kept = [parameter for parameter in given if not _is_tracking(parameter)]
    if len(kept) == len(given):
        return address
    return base + ("?" + "&".join(kept) if any(kept) else "") + mark + fragment


def _is_tracking(parameter: str) -> bool:
    name = unquote_plus(parameter.partition("=")[0]).lower()
    return name in _TRACKING or name.startswith("utm_")


def store_of(url: str) -> str | None:
    """The key of the store that an address belongs to, or None if the store is unknown."""
    return store_of_host(urlsplit(url).hostname or "")
