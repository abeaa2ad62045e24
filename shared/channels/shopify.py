"""Shopify: CSV files of products and of translations, and JSON Lines for bulk operations of the Admin API.

A blank cell would overwrite a value of the shop, so the file has our columns only, and a product that lacks
one of the texts is left out. The shop's own language is the first locale of the export.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from shared.channels.channel import Channel, Options, OutFile, Piece, Remarks
from shared.channels.export_item import ExportItem
from shared.channels.table_files import csv_row_on_one_line, may_be_formula
from shared.content.locales import language_of

_PRODUCTS, _TRANSLATIONS = "shopify-products.csv", "shopify-translations.csv"
_PRODUCT_SET, _REGISTER = "shopify-product-set.jsonl", "shopify-translations-register.jsonl"
_METAFIELD = "product.metafields.instrument_content"
PRODUCT_COLUMNS = (
    "URL handle", "Title", "Description", "SEO title", "SEO description",
    f"Key features ({_METAFIELD}.key_features)", f"Questions ({_METAFIELD}.questions)",
)  # fmt: skip
TRANSLATION_COLUMNS = (
    "Type", "Identification", "Field", "Locale", "Market", "Status", "Default content", "Translated content",
)  # fmt: skip
# Shopify: a product CSV of at most 15 MB, input of a bulk operation of at most 100 MB.
_CSV_BYTES, _JSONL_BYTES = 15_000_000, 100_000_000
_LIMITS = {"title": 255, "meta_title": 255, "meta_description": 320, "body_html": 500_000}
# LanguageCode of the Admin API has PT_PT; the other languages have no country.
_CODES = {"pt-PT": "pt-PT"}

Texts = dict[str, str]


def write(items: Iterable[ExportItem], options: Options) -> Iterator[Piece]:
    """The pieces of a category."""
    seen: set[int] = set()
    for item in items:
        main = options.main_locale
        remarks = Remarks(item)
        if main not in item.texts:
            yield remarks.left_out("product", "has no text in the shop's own language", main)
            continue
        texts = _texts(item, main, options)
        if problem := _problem(texts | {"title": item.product.name}):
            yield remarks.left_out("product", problem, main)
            continue
        handle = item.identifiers.handle or item.product.slug
        if not handle or may_be_formula(handle):
            yield remarks.left_out("product", "the handle is blank or begins like a formula", main)
            continue
        # Hashes: the handles of a large category would fill the memory.
        if hash(handle) in seen:
            yield remarks.left_out("product", f"another product has the handle {handle}", main)
            continue
        seen.add(hash(handle))
        if not item.identifiers.handle:
            yield remarks.note("handle", f"the catalogue has none; {handle} is made from the name")
        yield from _product(item, handle, texts, options)
        yield from _translations(item, texts, remarks, options)


def _texts(item: ExportItem, locale: str, options: Options) -> Texts:
    text = item.texts[locale]
    body = options.body(item, locale)
    return {"body_html": body, "meta_title": text.seo_title, "meta_description": text.meta_description}


def _problem(texts: Texts) -> str:
    for field, text in texts.items():
        if not text:
            return f"{field} is absent, and a blank would overwrite the shop's"
        if len(text) > _LIMITS[field]:
            return f"{field} has {len(text)} characters; Shopify takes {_LIMITS[field]}"
        if may_be_formula(text):
            return f"{field} begins like a formula, and an apostrophe in front would reach the shop"
    return ""


def _product(item: ExportItem, handle: str, texts: Texts, options: Options) -> Iterator[Piece]:
    text = item.texts[options.main_locale]
    questions = [{"question": question, "answer": answer} for question, answer in text.questions]
    metafields = [orjson.dumps(value).decode() for value in (list(text.key_features), questions)]
    yield Piece(_PRODUCTS, csv_row_on_one_line([handle, item.product.name, *texts.values(), *metafields]))
    # Lists that are sent replace lists that stand, so none is sent.
    changes = {
        "descriptionHtml": texts["body_html"],
        "seo": {"title": texts["meta_title"], "description": texts["meta_description"]},
    }
    yield _line(_PRODUCT_SET, {"identifier": {"handle": handle}, "input": changes})


def _translations(item: ExportItem, source: Texts, remarks: Remarks, options: Options) -> Iterator[Piece]:
    languages = _languages(options)
    wanted = [locale for locale in item.texts if locale in languages]
    shop_id = item.identifiers.shop_id
    if wanted and not (shop_id.isascii() and shop_id.isdigit()):
        yield remarks.left_out("translations", "the catalogue has no Shopify id of the product")
        return
    registered: list[dict[str, str]] = []
    for locale in wanted:
        texts = _texts(item, locale, options)
        if problem := _problem(texts):
            yield remarks.left_out("translations", problem, locale)
            continue
        for field, text in texts.items():
            code = languages[locale]
            yield _translation_row(shop_id, field, code, source[field], text)
            digest = hashlib.sha256(source[field].encode()).hexdigest()
            registered.append(
                {"locale": code, "key": field, "value": text, "translatableContentDigest": digest}
            )
    if registered:
        gid = f"gid://shopify/Product/{shop_id}"
        yield _line(_REGISTER, {"resourceId": gid, "translations": registered})


def _translation_row(shop_id: str, field: str, code: str, source: str, text: str) -> Piece:
    cells = ["PRODUCT", f"'{shop_id}", field, code, "", "", source, text]
    return Piece(_TRANSLATIONS, csv_row_on_one_line(cells))


def _languages(options: Options) -> dict[str, str]:
    """The locales that are translations, each with its code: one locale a language."""
    codes: dict[str, str] = {}
    for locale in options.locales:
        code = _CODES.get(locale, language_of(locale))
        if code not in codes.values():
            codes[locale] = code
    codes.pop(options.main_locale)
    return codes


def _remarks(options: Options) -> Sequence[str]:
    written = {options.main_locale, *_languages(options)}
    return [
        f"{locale} is left out: Shopify has no second text in a language, except for a market of the shop"
        for locale in options.locales
        if locale not in written
    ]


def _line(file: str, value: dict[str, Any]) -> Piece:
    return Piece(file, orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))


SHOPIFY = Channel(
    files=lambda _: [
        OutFile(_PRODUCTS, head=csv_row_on_one_line(PRODUCT_COLUMNS), max_bytes=_CSV_BYTES),
        OutFile(_TRANSLATIONS, head=csv_row_on_one_line(TRANSLATION_COLUMNS), max_bytes=_CSV_BYTES),
        OutFile(_PRODUCT_SET, max_bytes=_JSONL_BYTES),
        OutFile(_REGISTER, max_bytes=_JSONL_BYTES),
    ],
    write=write,
    remarks=_remarks,
)
