"""Cleans the product addresses of the catalogue, and finds the store that they belong to."""

from collections.abc import Mapping
from urllib.parse import unquote_plus, urlencode

from shared.domain.web_address import read_address
from shared.retailers.registry import store_of_host

# Query parameters that credit a sale to an affiliate or track a shopper. They are never part of a product's
# address. Their names come from the link patterns of the stores.
_TRACKING = frozenset(
    {
        "affid", "offid", "subid", "subid2", "awc", "awinaffid", "awinmid", "clickref", "irgwc", "irpid",
        "irclickid", "tag", "af", "a_aid", "a_cid", "siid", "programuuid", "gclid", "fbclid", "msclkid",
    }
)  # fmt: skip
_PORTS = {"http": 80, "https": 443}


def clean_url(url: str) -> str:
    """A product address as it was given, without affiliate and tracking parameters.

    Everything else stays as it is given, percent-encoded as a browser sends it.

    Raises:
        ValueError: `url` is not an absolute http(s) address of a public host at the usual port, or a reader
            may take it for one of another host.
    """
    address = read_address(url)
    host = address.host or ""
    if "." not in host or address.port != _PORTS[address.scheme]:
        raise ValueError("not an absolute http(s) address of a public host, without a port")
    path = address.path or "/"
    # Readers put addresses between single quotes too, which the standard leaves as they are.
    given = (address.query or "").split("&")
    kept = [each for each in given if not _is_tracking(name_in(each))]
    query = "?" + "&".join(kept) if any(kept) else ""
    fragment = f"#{address.fragment}" if address.fragment else ""
    return f"{address.scheme}://{host}{path}{query}{fragment}".replace("'", "%27")


def servable(url: str | None) -> str | None:
    """A stored address as it may be served: cleaned, or None if it is none. Older imports checked less."""
    try:
        return clean_url(url) if url else None
    except ValueError:
        return None


def store_of(url: str) -> str | None:
    """The key of the store that an address belongs to, or None if the store is unknown."""
    return store_of_host(host_of(url))


def host_of(url: str) -> str:
    """The host of an address, as a browser reads it. Empty if it is no address."""
    try:
        return read_address(url).host or ""
    except ValueError:
        return ""


def with_parameters(url: str, added: Mapping[str, str]) -> str:
    """A cleaned address with parameters in its query, in place of those of the same names."""
    before, mark, fragment = url.partition("#")
    page, _, query = before.partition("?")
    kept = [each for each in query.split("&") if each and name_in(each) not in added]
    return f"{page}?{'&'.join([*kept, urlencode(added)])}{mark}{fragment}"


def name_in(parameter: str) -> str:
    """The name in a parameter such as `colour=red%20wine`."""
    return unquote_plus(parameter.partition("=")[0])


def _is_tracking(name: str) -> bool:
    return name.lower() in _TRACKING or name.lower().startswith("utm_")
