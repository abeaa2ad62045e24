"""Cleans the product addresses of the catalogue, and finds the store that they belong to."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from shared.retailers.registry import store_of_host

# Query parameters that credit a sale to an affiliate or track a shopper. They are never part of a product's
# address. Their names come from the link patterns of the stores.
_TRACKING = frozenset(
    {
        "affid", "offid", "subid", "subid2", "awc", "awinaffid", "awinmid", "clickref", "irgwc", "irpid",
        "irclickid", "tag", "af", "a_aid", "a_cid", "siid", "programuuid", "gclid", "fbclid", "msclkid",
    }
)  # fmt: skip


def clean_url(url: str) -> str:
    """A product address without affiliate parameters, tracking parameters and fragment.

    Raises:
        ValueError: `url` is not an absolute http(s) address with a host.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in url.strip()):
        raise ValueError("not an absolute http(s) address")
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name.lower() not in _TRACKING and not name.lower().startswith("utm_")
    ]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept), ""))


def store_of(url: str) -> str | None:
    """The key of the store that an address belongs to, or None if the store is unknown."""
    return store_of_host(urlsplit(url).hostname or "")
