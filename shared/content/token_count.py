"""Counts tokens as Azure OpenAI does (`o200k_base`, which is part of the wheel: nothing is downloaded)."""

from functools import lru_cache

import quicktok


def count_tokens(text: str) -> int:
    """The number of tokens of `text`. Special tokens such as `<|im_start|>` are counted as plain text."""
    return int(_encoding().count(text))


@lru_cache(maxsize=1)
def _encoding() -> "quicktok.Tokenizer":
    return quicktok.get_encoding("o200k_base")
