"""Identifiers in texts: EAN, UPC, MPN, SKU and article numbers, which the model cannot know."""

import re
from collections.abc import Iterator

from shared.content.quality.check_case import Case
from shared.content.quality.findings import Finding, Severity, found
from shared.content.quality.prefilter import Spotter

RULE = "identifier"
_ADVICE = "write no identifiers; the catalogue has them"

# Eight digits and more in one number, also grouped as they are printed under a bar code or in an ISBN.
DIGITS = Spotter(
    re.compile(
        r"(?<![\w.,-])(?:\d{8,14}|\d[ -]\d{6}[ -]\d{6}|\d[ -]\d{5}[ -]\d{5}[ -]\d"
        r"|97[89](?:[ -]\d+){3,4})(?![\w-]|[.,]\d)"
    )
)
# Shorter ones may be words.
_SHORTEST_SKU = 5
_LABEL = Spotter(
    re.compile(
        r"(?<!\w)(?:(?:EAN|UPC|GTIN|MPN|ISBN|SKU|ASIN)(?!\w)(?:[\s:#-]*[A-Z0-9][\w-]*)?"
        r"|(?:part|item|model|article|product)\s+(?:no\.|number|code)\b"
        r"|art(?:ikel|\.)[-\s]?(?:nr\.|nummer)|referencia\s*:|réf(?:\.|érence)\s*:|codice\s+articolo"
        r"|n\.?º\s+de\s+artículo|referência\s*:)",
        re.IGNORECASE,
    )
)


def spotters(_: str) -> tuple[Spotter, ...]:
    return DIGITS, _LABEL


def check(case: Case) -> Iterator[Finding]:
    """Long numbers, labels of identifiers, and the catalogue's own SKU."""
    spots = [*case.find(DIGITS), *case.find(_LABEL)]
    sku = case.subject.sku
    # Some shops use the name as SKU; then it is no identifier.
    if len(sku) >= _SHORTEST_SKU and sku in case.texts.text and sku not in case.subject.record:
        own = re.compile(rf"(?<!\w){re.escape(sku)}(?!\w)")
        spots += [(field, match) for field in case.fields for match in own.finditer(field.text)]
    for field, match in spots:
        if match[0] not in case.subject.record:
            yield found(RULE, Severity.ERROR, field.path, field.text, match.span(), _ADVICE)
