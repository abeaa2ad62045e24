"""Variants of a prompt: each product gets one, by its id and the weights, and keeps it.

Weights stand in `prompts/<version>/variants.toml`; what a variant other than `plain` adds to the system
message stands in `variant-<name>.md` beside it.
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
    """The variant of a product: the same at every try, and each as often as its weight says."""
    chosen = weights or configured_weights()
    digest = hashlib.sha256(f"{PROMPT_VERSION}:{product_id}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") % sum(chosen.values())
    return list(chosen)[bisect_right(list(accumulate(chosen.values())), place)]


def prompt_label(product_id: str) -> str:
    """Version and variant of a product's prompt, as manifest and stored rows keep it."""
    variant = variant_of(product_id)
    return PROMPT_VERSION if variant == PLAIN else f"{PROMPT_VERSION}-{variant}"


@lru_cache(maxsize=1)
def configured_weights() -> dict[str, int]:
    """The weights of the current version; those of 0 are left out."""
    source = files(__package__).joinpath(PROMPT_VERSION, "variants.toml")
    weights: dict[str, int] = tomllib.loads(source.read_text(encoding="utf-8"))["weights"]
    return {name: weight for name, weight in weights.items() if weight > 0}


@lru_cache(maxsize=8)
def system_prompt(variant: str = PLAIN) -> str:
    """The constant text of a variant: `system.md`, and what the variant adds."""
    folder = files(__package__).joinpath(PROMPT_VERSION)
    text = folder.joinpath("system.md").read_text(encoding="utf-8").strip()
    if variant == PLAIN:
        return text
    return f"{text}\n\n{folder.joinpath(f'variant-{variant}.md').read_text(encoding='utf-8').strip()}"
