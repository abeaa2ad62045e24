"""Finds addresses in texts: links, e-mail addresses and hosts."""

from functools import lru_cache

from linkify_it import LinkifyIt
from linkify_it.main import Match


def find_links(text: str) -> list[Match]:
    """The addresses in a text, each with its offsets.

    A host without a scheme counts only in lower case: "Klang.De" is a missing space after a full stop.
    """
    matches: list[Match] = _linkify().match(text) or []
    return [match for match in matches if match.schema or match.text == match.text.lower()]


@lru_cache(maxsize=1)
def _linkify() -> LinkifyIt:
    return LinkifyIt()
