"""Token counts as the service counts them (`o200k_base`, shipped in the wheel: nothing is downloaded)."""

from functools import lru_cache

import quicktok


def count(text: str) -> int:
    """Tokens of `text`; special tokens in it are counted as the plain text they are."""
    return int(_encoding().count(text))


@lru_cache(maxsize=1)
def _encoding() -> "quicktok.Tokenizer":
    return quicktok.get_encoding("o200k_base")
