"""Identifiers in texts: EAN, UPC, MPN, SKU and article numbers, which the model cannot know."""

import re
from collections.abc import Iterator

from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.pattern_search import SearchPattern

RULE = "identifier"
_ADVICE = "write no identifiers; the catalogue has them"

# Numbers of eight digits or more, also with the gaps of a printed bar code or an ISBN.
DIGITS = SearchPattern(
    re.compile(
        r"(?<![\w.,-])(?:\d{8,14}|\d[ -]\d{6}[ -]\d{6}|\d[ -]\d{5}[ -]\d{5}[ -]\d"
        r"|97[89](?:[ -]\d+){3,4})(?![\w-]|[.,]\d)"
    )
)
# Shorter SKUs may be ordinary words.
_MIN_SKU_LENGTH = 5
_LABEL = SearchPattern(
    re.compile(
        r"(?<!\w)(?:(?:EAN|UPC|GTIN|MPN|ISBN|SKU|ASIN)(?!\w)(?:[\s:#-]*[A-Z0-9][\w-]*)?"
        r"|(?:part|item|model|article|product)\s+(?:no\.|number|code)\b"
        r"|art(?:ikel|\.)[-\s]?(?:nr\.|nummer)|referencia\s*:|réf(?:\.|érence)\s*:|codice\s+articolo"
        r"|n\.?º\s+de\s+artículo|referência\s*:)",
        re.IGNORECASE,
    )
)


def patterns(_: str) -> tuple[SearchPattern, ...]:
    return DIGITS, _LABEL


def check(context: CheckContext) -> Iterator[Finding]:
    """Long numbers, labels of identifiers, and the catalogue's own SKU."""
    matches = [*context.find(DIGITS), *context.find(_LABEL)]
    sku = context.source.sku
    # Some shops use the product's name as its SKU. Then it is not an identifier.
    if len(sku) >= _MIN_SKU_LENGTH and sku in context.texts.text and sku not in context.source.text:
        own = re.compile(rf"(?<!\w){re.escape(sku)}(?!\w)")
        matches += [(field, match) for field in context.fields for match in own.finditer(field.text)]
    for field, match in matches:
        if match[0] not in context.source.text:
            yield finding_at(RULE, Severity.ERROR, field.path, field.text, match.span(), _ADVICE)
