"""The messages of a request, made from versioned prompt files.

Constant text first and the product last: Azure caches identical leading tokens (from 1,024 on).
"""

from collections.abc import Mapping

import orjson

from shared.content.prompt_record import clean_record
from shared.content.prompts.guides import PROMPT_VERSION, guide_for
from shared.content.prompts.variants import prompt_label, system_prompt, variant_of
from shared.domain.product import ProductRecord

__all__ = ["PROMPT_VERSION", "delimited_record", "messages", "prompt_label", "system_prompt"]


def messages(
    product: ProductRecord, locales: tuple[str, ...], notes: Mapping[str, str] | None = None
) -> list[dict[str, str]]:
    """The chat messages that ask for `product` in `locales`; without any, for its facts alone.

    `notes` say what to mend, by part."""
    guides = "\n".join(f"- {locale}: {guide_for(locale).as_text()}" for locale in locales)
    asked = f"Locales\n{guides}\n\n" if locales else "No locale: the facts alone.\n\n"
    # A note may quote the answer before; nothing in it can open a record.
    mend = "".join(f"\n- {locale}: {_escaped(note)}" for locale, note in (notes or {}).items())
    if mend:
        asked += f"An answer before was rejected; mend this:{mend}\n\n"
    return [
        {"role": "system", "content": system_prompt(variant_of(product.product_id))},
        {"role": "user", "content": f"{asked}<record>\n{delimited_record(product)}\n</record>"},
    ]


def delimited_record(product: ProductRecord) -> str:
    """The cleaned record as one line of JSON, in which no text can end the string or the record it is in."""
    return _escaped(orjson.dumps(clean_record(product)).decode())


def _escaped(text: str) -> str:
    return text.replace("<", "\\u003c").replace(">", "\\u003e")
