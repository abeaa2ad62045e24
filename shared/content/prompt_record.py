"""The product record that the model sees: cleaned, shortened, and the only source of facts for its texts.

The checks of numbers, dates and names read the same record. So the model is checked against exactly the
facts that it was given.
"""

from functools import lru_cache
from typing import Any

from shared.content.cleaning import clean_text
from shared.content.token_count import count_tokens
from shared.domain.product import ProductRecord

# The most tokens of each text, and the most specs. The longest of 1,200 real descriptions has 160 tokens.
MAX_NAME_TOKENS = 80
MAX_DESCRIPTION_TOKENS = 700
MAX_SPECS = 60
MAX_SPEC_TOKENS = 60


def build_prompt_record(product: ProductRecord) -> dict[str, Any]:
    """Name, brand, category, description and specs of the product, without empty values."""
    record: dict[str, Any] = {
        "name": _clean_and_shorten(product.name, MAX_NAME_TOKENS),
        "brand": _clean_and_shorten(product.brand, MAX_NAME_TOKENS),
        "category": _clean_and_shorten(product.category_name, MAX_NAME_TOKENS),
        "description": _clean_and_shorten(product.description, MAX_DESCRIPTION_TOKENS),
        "specs": {
            _clean_and_shorten(key, MAX_SPEC_TOKENS): _clean_and_shorten(value, MAX_SPEC_TOKENS)
            for key, value in list(product.specs.items())[:MAX_SPECS]
        },
    }
    record["specs"] = {key: value for key, value in record["specs"].items() if key and value}
    return {key: value for key, value in record.items() if value}


@lru_cache(maxsize=1024)
def _clean_and_shorten(text: str, max_tokens: int) -> str:
    """The cleaned text, cut between two words if it has more tokens."""
    text = clean_text(text)
    # A token has at least one byte, so the tokens of a short text need not be counted.
    if len(text.encode()) <= max_tokens or count_tokens(text) <= max_tokens:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count_tokens(text[:middle]) <= max_tokens else (low, middle - 1)
    cut = text[:low]
    return cut.rsplit(None, 1)[0] if any(c.isspace() for c in cut) else cut
