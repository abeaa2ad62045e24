"""Values of a row as text, and what is left out of a row."""

import html
import re
from dataclasses import dataclass, field
from typing import Any

from shared.catalogue.rows import DUPLICATE
from shared.domain.product import Product

_REMOVED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_EXCEL_TEXT = re.compile(r'="([^"]*)"')
# Only references with a semicolon: in `Rhythm&notes` nothing is escaped.
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


@dataclass
class RowResult:
    """A product, or the errors of its row, and the values that were left out (`warnings`).

    Errors and warnings are pairs of field and reason. `product_ids` are the ids of the row's SKU: the current
    one, and the one that version 0.1.0 gave it if that differs.
    """

    product: Product | None = None
    product_ids: tuple[str, ...] = ()
    errors: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)


def text_of(value: Any) -> str:
    """A value as one line of text. Objects and lists are no text, and give an empty one."""
    if value is None or value is DUPLICATE or isinstance(value, (dict, list)):
        return ""
    text = re.sub(r"\s+", " ", _REMOVED.sub("", str(value))).strip()
    formula = _EXCEL_TEXT.fullmatch(text)
    return formula[1].strip() if formula else text


def read_text(value: Any, name: str, result: RowResult) -> str:
    """The same, with a warning when a value is not text."""
    if value is DUPLICATE:
        result.warnings.append((name, "left out: it is there twice, with different values"))
    elif isinstance(value, (dict, list)) and value:
        kind = "an object" if isinstance(value, dict) else "a list"
        result.warnings.append((name, f"left out: expected text or a number, not {kind}"))
    return text_of(value)


def unescaped(text: str) -> str:
    """`text` with its HTML character references decoded, once: `&amp;lt;` becomes `&lt;`."""
    return text_of(_REFERENCE.sub(lambda match: html.unescape(match[0]), text)) if "&" in text else text


def utf16_length(text: str) -> int:
    """The length of a text as Azure counts it, in UTF-16 units: an emoji has two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
