"""The messages of a request, made from versioned prompt files.

Constant text first and the product last: Azure caches identical leading tokens (from 1,024 on).
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

import orjson

from shared.content.locales import LOCALE_STYLE
from shared.models.product import Product

PROMPT_VERSION = "v1"


@lru_cache(maxsize=1)
def system_prompt() -> str:
    """The constant text, from `prompts/<version>/system.md`."""
    return files(__package__).joinpath(PROMPT_VERSION, "system.md").read_text(encoding="utf-8").strip()


def messages(product: Product, locales: tuple[str, ...], notes: Mapping[str, str]) -> list[dict[str, str]]:
    """The chat messages that ask for `product` in `locales`; `notes` say what to mend, by locale."""
    styles = "\n".join(f"- {locale}: {LOCALE_STYLE[locale]}" for locale in locales)
    record = orjson.dumps(product.prompt_record()).decode()
    mend = "".join(f"\n- {locale}: {note}" for locale, note in notes.items())
    asked = f"Locales:\n{styles}\n\n"
    if mend:
        asked += f"An answer before was rejected; mend this:{mend}\n\n"
    return [
        {"role": "system", "content": system_prompt()},
        {"role": "user", "content": f"{asked}Product record:\n{record}"},
    ]
