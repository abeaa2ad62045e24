"""Addresses in texts: links, e-mail addresses and hosts."""

from functools import lru_cache

from linkify_it import LinkifyIt
from linkify_it.main import Match


def links_in(text: str) -> list[Match]:
    """The addresses in a text, each with its place.

    A missing space after a full stop ("Klang.De") looks like a host, but bare hosts are lower case.
    """
    found: list[Match] = _linkify().match(text) or []
    return [match for match in found if match.schema or match.text == match.text.lower()]


@lru_cache(maxsize=1)
def _linkify() -> LinkifyIt:
    return LinkifyIt()
