"""Counts tokens as Azure OpenAI does: tiktoken, OpenAI's own tokenizer, with the encoding `o200k_base`.

tiktoken would download its vocabulary at the first count. `o200k_base.tiktoken.xz` is that file, so nothing
is downloaded: https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken, MIT licence, © OpenAI.
A test compares its SHA-256 with the one that tiktoken expects.
"""

import base64
import lzma
from functools import lru_cache
from importlib.resources import files

import tiktoken

# The pieces that no token crosses, from tiktoken_ext/openai_public.py (tiktoken 0.14.0).
# ruff: noqa: E501 - as OpenAI writes them
_PIECES = "|".join(
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)


def count_tokens(text: str) -> int:
    """The number of tokens of `text`. Special tokens such as `<|im_start|>` are counted as plain text."""
    return len(encoding().encode_ordinary(text))


def vocabulary() -> bytes:
    """The vocabulary as OpenAI publishes it: a line for each token, its bytes in base64 and its rank."""
    return lzma.decompress(files(__package__).joinpath("o200k_base.tiktoken.xz").read_bytes())


@lru_cache(maxsize=1)
def encoding() -> tiktoken.Encoding:
    """The encoding of gpt-4o and later families, without special tokens."""
    lines = (line.split() for line in vocabulary().splitlines())
    ranks = {base64.b64decode(token): int(rank) for token, rank in lines}
    return tiktoken.Encoding("o200k_base", pat_str=_PIECES, mergeable_ranks=ranks, special_tokens={})
