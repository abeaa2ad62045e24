"""The record of a product as the model is shown it: cleaned, capped, and the one source of its facts.

The checks of numbers, dates and names read the same record, so that what the model saw and what it is held
to cannot differ.
"""

from functools import lru_cache
from typing import Any

from shared.content.cleaning import clean_text
from shared.content.token_count import count
from shared.domain.product import ProductRecord

# Most tokens of each part. The longest real description of 1,200 has 160.
NAME_TOKENS = 80
DESCRIPTION_TOKENS = 700
SPECS = 60
SPEC_TOKENS = 60


def clean_record(product: ProductRecord) -> dict[str, Any]:
    """Name, brand, category, description and specs, without what is empty."""
    record: dict[str, Any] = {
        "name": _capped(product.name, NAME_TOKENS),
        "brand": _capped(product.brand, NAME_TOKENS),
        "category": _capped(product.category_name, NAME_TOKENS),
        "description": _capped(product.description, DESCRIPTION_TOKENS),
        "specs": {
            _capped(key, SPEC_TOKENS): _capped(value, SPEC_TOKENS)
            for key, value in list(product.specs.items())[:SPECS]
        },
    }
    record["specs"] = {key: value for key, value in record["specs"].items() if key and value}
    return {key: value for key, value in record.items() if value}


@lru_cache(maxsize=1024)
def _capped(text: str, tokens: int) -> str:
    """The text cleaned, and cut between words where it has more tokens."""
    text = clean_text(text)
    # A token has at least one byte, so short texts need no count.
    if len(text.encode()) <= tokens or count(text) <= tokens:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(text[:middle]) <= tokens else (low, middle - 1)
    cut = text[:low]
    return cut.rsplit(None, 1)[0] if any(c.isspace() for c in cut) else cut
