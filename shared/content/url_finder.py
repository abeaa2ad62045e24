"""Finds addresses in texts: links, e-mail addresses and hosts, also those that are written to escape it."""

import re
from functools import lru_cache

from linkify_it import LinkifyIt
from linkify_it.main import Match

from shared.content.bounded_patterns import MOST_REPETITIONS, compile_bounded
from shared.retailers.registry import store_of_host, stores

# Signs of other scripts that readers and browsers take for those of an address, one character for one.
_PLAIN_SIGNS = {
    **dict.fromkeys(map(ord, "．。｡﹒․"), "."),
    **dict.fromkeys(map(ord, "：﹕"), ":"),
    **dict.fromkeys(map(ord, "／⁄∕"), "/"),
    **dict.fromkeys(map(ord, "＠﹫"), "@"),
}
_DOMAINS = "com|net|org|info|shop|eu|de|at|ch|fr|es|it|pt|uk"
_DOT_WORD = "(?i:dot|punkt|punto|ponto|point)"
# A full stop in brackets.
_BRACKETED = rf"\s?[\[({{]\s?(?:\.|{_DOT_WORD})\s?[\])}}]\s?"


def _spaced_stores() -> str:
    """The hosts of the known stores with blanks or words around the stop: "Thomann . de", "thomann dot de".

    The domain is in lower case: "reverb. Com" is the end of a Portuguese sentence.
    """
    stop = rf"(?:\s{{0,3}}\.\s{{0,3}}|{_BRACKETED}|\s{_DOT_WORD}\s)"
    by_domain: dict[str, list[str]] = {}
    for host in sorted({host for store in stores().values() for host in store.hosts}):
        name, _, domain = host.partition(".")
        by_domain.setdefault(domain.replace(".", stop), []).append(name)
    return "|".join(f"(?i:{'|'.join(names)}){stop}{domain}" for domain, names in by_domain.items())


# The patterns in which the library finds nothing. As RE2 has it: each repetition is bounded when compiled.
DISGUISED = (
    # A scheme, however it is spaced, and whatever follows it.
    r"(?i:h[tx*]{2}ps?\s?:\s?(?:/\s?){0,2}\S*|\bh\s[tx*]\s[tx*]\s(?:ps?|p\ss)\s?:\s?(?:/\s?){0,2}\S*)"
    r"|(?i:(?:javascript|vbscript)\s?:\S*|\bdata:[a-z]+/[\w.+-]+[;,]\S*)"
    r"|(?i:www)\s{0,3}\.\s{0,3}\S+(?:\s\.\s{0,3}[\w-]+){0,3}"
    r"|(?<![\w.+-])[\w.+-]+\s?@\s?[\w-]+\s?\.\s?\w[\w.-]*"
    rf"|(?<![\w.+-])[\w.+-]+\s?[\[({{]\s?(?i:at|@|ät|arroba|chiocciola)\s?[\])}}]\s?[\w-]+(?:(?:\.|{_BRACKETED})[\w-]+)*"
    # A host with its stop in brackets, or with a blank before the stop.
    rf"|(?<![\w-])\w[\w-]+{_BRACKETED}(?i:{_DOMAINS})\b\S*"
    rf"|(?<![\w-])\w[\w-]+(?:{_BRACKETED}\w[\w-]+){{2,}}"
    rf"|(?<![\w-])\w[\w-]+\s{{1,3}}\.\s{{0,3}}(?:{_DOMAINS}|{_DOMAINS.upper()})\b\S*"
    r"|(?<![\w-])\w[\w-]+\s(?i:dot|punkt|punto|point)\s(?:com|net|org)\b"
    rf"|\b(?:{_spaced_stores()})\b"
)
_DISGUISED = compile_bounded(DISGUISED)
# The library's time grows with the square of a piece without blanks, and no address is so long.
_PIECE = re.compile(r"\S{1,500}")
_REST = re.compile(r"\S*")


def find_addresses(text: str) -> list[tuple[int, int]]:
    """Where the addresses of a text stand, as offsets: in order, without overlaps.

    A host without a scheme counts in lower case, in capitals, or if a known store has it: "Klang.De" is a
    missing space after a full stop.
    """
    plain = text if text.isascii() else text.translate(_PLAIN_SIGNS)
    spans = _disguised(plain)
    for piece in _PIECE.finditer(plain):
        if "." in piece[0][1:-1] or "@" in piece[0] or "//" in piece[0]:
            found: list[Match] = _linkify().match(piece[0]) or []
            start = piece.start()
            spans += [(start + m.index, start + m.last_index) for m in found if m.schema or _is_host(m.text)]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _disguised(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for match in _DISGUISED.finditer(text):
        start, end = match.span()
        if spans and start < spans[-1][1]:
            continue
        # A long address goes on where the pattern's bound ends it.
        rest = _REST.match(text, end) if end - start > MOST_REPETITIONS else None
        spans.append((start, rest.end() if rest else end))
    return spans


def _is_host(text: str) -> bool:
    host = text.partition("/")[0]
    domain = host.rpartition(".")[2]
    return domain.islower() or host.isupper() or store_of_host(host.lower()) is not None


@lru_cache(maxsize=1)
def _linkify() -> LinkifyIt:
    return LinkifyIt()
