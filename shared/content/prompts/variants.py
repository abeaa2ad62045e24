"""Variants of a prompt: the product's id and the weights decide which one a product gets.

The weights are in `prompts/<version>/variants.toml`. The text that a variant other than `plain` adds to the
system message is in `variant-<name>.md` in the same folder.
"""

import hashlib
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate

from shared.content.prompts.guides import PROMPT_VERSION

PLAIN = "plain"


def variant_of(product_id: str, weights: Mapping[str, int] | None = None) -> str:
    """The variant of a product, the same at every try. A variant's share of products follows its weight."""
    weights = weights or configured_weights()
    digest = hashlib.sha256(f"{PROMPT_VERSION}:{product_id}".encode()).digest()
    position = int.from_bytes(digest[:8], "big") % sum(weights.values())
    return list(weights)[bisect_right(list(accumulate(weights.values())), position)]


def prompt_label(product_id: str) -> str:
    """Version and variant of a product's prompt, as stored in manifests and content rows (`v3-brief`)."""
    variant = variant_of(product_id)
    return PROMPT_VERSION if variant == PLAIN else f"{PROMPT_VERSION}-{variant}"


@lru_cache(maxsize=1)
def configured_weights() -> dict[str, int]:
    """The weights of the current version, without those that are 0."""
    source = files(__package__).joinpath(PROMPT_VERSION, "variants.toml")
    weights: dict[str, int] = tomllib.loads(source.read_text(encoding="utf-8"))["weights"]
    return {name: weight for name, weight in weights.items() if weight > 0}


@lru_cache(maxsize=8)
def system_prompt(variant: str = PLAIN) -> str:
    """The system message of a variant: `system.md`, and the text that the variant adds."""
    folder = files(__package__).joinpath(PROMPT_VERSION)
    text = folder.joinpath("system.md").read_text(encoding="utf-8").strip()
    if variant == PLAIN:
        return text
    return f"{text}\n\n{folder.joinpath(f'variant-{variant}.md').read_text(encoding='utf-8').strip()}"
