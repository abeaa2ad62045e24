"""Reads addresses as browsers do, by the URL standard (https://url.spec.whatwg.org).

Python's own `urlsplit` reads some addresses differently from a browser. In `https://evil.example\\.shop.de/x`
it finds the host `evil.example\\.shop.de`; a browser goes to `evil.example`. So no check of a host uses it.
"""

import re
import unicodedata

from pydantic_core import Url

_HTTP = re.compile(r"https?://(?=[^/\s])", re.IGNORECASE)
_AUTHORITY_END = re.compile(r"[/?#]")
# The names and numbers that resolvers accept.
_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.){0,10}[a-z0-9_-]{1,63}|\[[0-9a-f:.]{2,45}\]")
# Control characters, invisible ones, lone surrogates, and characters without a meaning.
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


def read_address(text: str) -> Url:
    """An absolute http(s) address. Path and query are percent-encoded, the host is in ASCII and lower case.

    Raises:
        ValueError: it is not such an address, or a reader may take it for one of another host: it has a
            backslash, a user name, control or invisible characters, or blanks before the path.
    """
    text = text.strip(" ")
    if not _HTTP.match(text):
        raise ValueError("not an absolute http(s) address")
    if "\\" in text or any(unicodedata.category(character) in _REFUSED for character in text):
        raise ValueError("not a plain http(s) address: it holds a backslash, control or invisible characters")
    authority = _AUTHORITY_END.split(text.partition("//")[2], maxsplit=1)[0]
    if "@" in authority or any(character.isspace() for character in authority):
        raise ValueError("not a plain http(s) address: it holds a user name or a blank before the path")
    try:
        url = Url(text)
    except ValueError:
        raise ValueError("not an http(s) address with a valid host") from None
    if not _HOST.fullmatch(url.host or ""):
        raise ValueError("not an http(s) address with a valid host")
    return url


def is_secure(text: str) -> bool:
    """Whether an address may be called: with TLS, or without it on this machine."""
    try:
        url = read_address(text)
    except ValueError:
        return False
    return url.scheme == "https" or url.host in _LOOPBACK
