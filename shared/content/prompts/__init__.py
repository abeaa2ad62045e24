"""The chat messages of a request, built from versioned prompt files.

The constant text comes first and the product last, because Azure caches identical leading tokens (1,024 or
more).
"""

from collections.abc import Mapping

import orjson

from shared.content.prompt_record import build_prompt_record
from shared.content.prompts.guides import PROMPT_VERSION, guide_for
from shared.content.prompts.variants import prompt_label, system_prompt, variant_of
from shared.domain.product import ProductRecord

__all__ = ["PROMPT_VERSION", "delimited_record", "messages", "prompt_label", "system_prompt"]


def messages(
    product: ProductRecord, locales: tuple[str, ...], notes: Mapping[str, str] | None = None
) -> list[dict[str, str]]:
    """The chat messages that ask for `product` in `locales`, or for its facts only when `locales` is empty.

    `notes` say by part what was wrong with the previous answer.
    """
    guides = "\n".join(f"- {locale}: {guide_for(locale).as_text()}" for locale in locales)
    task = f"Locales\n{guides}\n\n" if locales else "No locale: the facts alone.\n\n"
    # A note may quote the previous answer. It is escaped, so that it cannot contain a <record> tag.
    corrections = "".join(f"\n- {part}: {_escape(note)}" for part, note in (notes or {}).items())
    if corrections:
        task += f"An answer before was rejected; mend this:{corrections}\n\n"
    return [
        {"role": "system", "content": system_prompt(variant_of(product.product_id))},
        {"role": "user", "content": f"{task}<record>\n{delimited_record(product)}\n</record>"},
    ]


def delimited_record(product: ProductRecord) -> str:
    """The cleaned record as one line of JSON, escaped so that no text can close the string or the record."""
    return _escape(orjson.dumps(build_prompt_record(product)).decode())


def _escape(text: str) -> str:
    return text.replace("<", "\\u003c").replace(">", "\\u003e")
