"""Store links and images of the content document: from the catalogue, never from the model."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

# The document's store keys, and the hosts that belong to each (a host also stands for its subdomains).
STORE_HOSTS: dict[str, tuple[str, ...]] = {
    "thomann": (
        "thomann.de", "thomann.co.uk", "thomann.fr", "thomann.at", "thomannmusic.com", "thomannmusic.ch",
    ),
    "gear4music": ("gear4music.com", "gear4music.ie", "gear4music.de", "gear4music.fr", "gear4music.es"),
    "sweetwater": ("sweetwater.com",),
    "guitarcenter": ("guitarcenter.com",),
    "andertons": ("andertons.co.uk",),
    "reverb": ("reverb.com",),
    "amazon": ("amazon.com", "amazon.co.uk", "amazon.de", "amazon.es", "amazon.fr", "amazon.it"),
    "official_store": (),
    "guitarguitar": ("guitarguitar.co.uk",),
    "muziker": ("muziker.com", "muziker.de", "muziker.es", "muziker.fr", "muziker.it"),
    "music_store": ("musicstore.com", "musicstore.de"),
    "strumenti_musicali": ("strumentimusicali.net",),
}  # fmt: skip

# Query parameters that credit a sale to somebody or follow a shopper; they are never part of a product's
# address (from the stores' own link patterns).
_TRACKING = frozenset(
    {
        "affid", "offid", "subid", "subid2", "awc", "awinaffid", "awinmid", "clickref", "irgwc", "irpid",
        "irclickid", "tag", "af", "a_aid", "a_cid", "siid", "programuuid", "gclid", "fbclid", "msclkid",
    }
)  # fmt: skip


def clean_url(url: str) -> str:
    """A product address without affiliate and tracking parameters and without its fragment.

    Raises:
        ValueError: when it is not an absolute http(s) address with a host.
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
    """The store key that an address belongs to, or None."""
    host = urlsplit(url).hostname or ""
    for store, hosts in STORE_HOSTS.items():
        if any(host == known or host.endswith("." + known) for known in hosts):
            return store
    return None
