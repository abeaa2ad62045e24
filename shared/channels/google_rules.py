"""What Google Merchant Center takes and forbids in texts (product data specification, support.google.com).

A rule here says why a text is not sent. The lists of words are short on purpose: they hold what is forbidden
in every context, in the six languages of the texts.
"""

import re

from shared.channels.product_identifiers import descriptive_specs
from shared.content.url_finder import find_addresses
from shared.domain.product import Product

ID_CHARACTERS = 50
TITLE_CHARACTERS = 150
DESCRIPTION_CHARACTERS = 5_000
HIGHLIGHT_CHARACTERS, FEWEST_HIGHLIGHTS, MOST_HIGHLIGHTS = 150, 2, 100
DETAIL_NAME_CHARACTERS, DETAIL_VALUE_CHARACTERS = 140, 1_000
MOST_QUESTIONS, QUESTION_CHARACTERS, QUESTIONS_CHARACTERS = 30, 1_000, 10_000

_PRICE = re.compile(r"[€£$]\s?\d|\d\s?(?:[€£$]|EUR\b|USD\b|GBP\b)")
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b")
_MARKUP = re.compile(r"<[a-zA-Z/!][^>]*>")
_CATEGORY_PATH = re.compile(r"\w\s>\s\w")
_CAPITALS = re.compile(r"\b[^\W\d_a-z]{4,}\b")
_PROMOTION = re.compile(
    r"\b(free (?:shipping|delivery)|on sale|discount(?:ed)?|special offer|best price|buy now|order now"
    r"|versandkostenfrei|kostenloser versand|rabatt|sonderangebot|jetzt kaufen|bestpreis"
    r"|livraison gratuite|en promotion|remise|soldes|achetez maintenant|meilleur prix"
    r"|env[ií]o gratis|en oferta|descuento|rebajas|compra ahora|mejor precio"
    r"|spedizione gratuita|in offerta|sconto|saldi|acquista ora|miglior prezzo"
    r"|portes gr[aá]tis|envio gr[aá]tis|em promo[cç][aã]o|desconto|saldos|compre j[aá]|melhor pre[cç]o)\b",
    re.IGNORECASE,
)


def forbidden(text: str, product: Product) -> str:
    """Why Google forbids a text, or an empty text. Capitals that the record has are names, not emphasis."""
    if find_addresses(text):
        return "holds a link"
    if _MARKUP.search(text):
        return "holds markup"
    if _PRICE.search(text):
        return "holds a price"
    if found := _PROMOTION.search(text):
        return f"holds promotion: {found[0]}"
    if _CATEGORY_PATH.search(text):
        return "holds a category path"
    known = " ".join(
        (product.name, product.brand, product.description, *product.specs, *product.specs.values())
    )
    shouted = [word for word in _CAPITALS.findall(text) if word.isupper() and word not in known]
    return f"holds capitals for emphasis: {shouted[0]}" if shouted else ""


def too_long(text: str, most: int) -> str:
    """Why a text is too long, or an empty text."""
    return f"has {len(text)} characters; Google takes {most}" if len(text) > most else ""


def details_of(product: Product) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The specs that may be product details, and names of specs that may not, with the reason."""
    details: list[tuple[str, str]] = []
    refused: list[tuple[str, str]] = []
    for name, value in descriptive_specs(product).items():
        if problem := _detail_problem(name, value, product):
            refused.append((name, problem))
        else:
            details.append((name, value))
    return details, refused


def _detail_problem(name: str, value: str, product: Product) -> str:
    if _DATE.search(value):
        return "holds a date"
    if find_addresses(value) or _MARKUP.search(value) or _PRICE.search(value) or _PROMOTION.search(value):
        return forbidden(value, product) or "holds what Google forbids"
    if product.brand and product.brand.casefold() in value.casefold():
        return "names a company"
    return too_long(name, DETAIL_NAME_CHARACTERS) or too_long(value, DETAIL_VALUE_CHARACTERS)
