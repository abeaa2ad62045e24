"""WooCommerce: a CSV file for each locale, and bodies of the REST API's `products/batch`.

The first locale of the export is the shop's own language; the others are translations for WPML or Polylang.
"""

from collections.abc import Iterable, Iterator, Sequence

import orjson

from shared.channels.channel import Channel, Options, OutFile, Piece, Remarks
from shared.channels.export_item import ExportItem
from shared.channels.table_files import csv_row
from shared.content.locales import language_of

_REST = "woocommerce-rest-batches.jsonl"
# The REST API takes at most 100 products in one call.
REST_BATCH = 100
PUBLISHED = {"": "", "published": "1", "draft": "-1", "pending": "2"}
COLUMNS = (
    "SKU", "Short description", "Description", "Meta: rank_math_title", "Meta: rank_math_description",
)  # fmt: skip
# Translations may be new to the shop, so they also have what a new product needs.
TRANSLATION_COLUMNS = (
    "Type", "Name", "Meta: _wpml_import_language_code", "Meta: _wpml_import_source_language_code",
    "Meta: _wpml_import_translation_group", "Language", "Translation group",
)  # fmt: skip


def file_name(locale: str) -> str:
    """The name of the CSV file of a locale."""
    return f"woocommerce-{locale}.csv"


def columns(locale: str, options: Options) -> tuple[str, ...]:
    """The columns of the file of a locale."""
    published = ("Published",) if options.woocommerce_published else ()
    return (*COLUMNS, *(TRANSLATION_COLUMNS if locale != options.main_locale else ()), *published)


def write(items: Iterable[ExportItem], options: Options) -> Iterator[Piece]:
    """The pieces of a category."""
    updates: list[dict[str, object]] = []
    for item in items:
        remarks = Remarks(item)
        for locale in item.texts:
            if problem := _problem(item, locale):
                yield remarks.left_out("product", problem, locale)
            else:
                yield Piece(file_name(locale), csv_row(_cells(item, locale, options)))
        if options.main_locale not in item.texts or _problem(item, options.main_locale):
            continue
        if not _is_number(item.identifiers.shop_id):
            yield remarks.left_out("REST body", "the catalogue has no WooCommerce id of the product")
            continue
        updates.append(_update(item, options))
        if len(updates) == REST_BATCH:
            yield _batch(updates)
            updates = []
    if updates:
        yield _batch(updates)


def _problem(item: ExportItem, locale: str) -> str:
    text = item.texts[locale]
    absent = [name for name in ("overview", "seo_title", "meta_description") if not getattr(text, name)]
    return f"{absent[0]} is absent, and a blank would overwrite the shop's" if absent else ""


def _cells(item: ExportItem, locale: str, options: Options) -> list[str]:
    text, sku = item.texts[locale], item.product.sku
    main, own = language_code(options.main_locale, options), language_code(locale, options)
    cells = [sku, text.overview, options.body(item, locale), text.seo_title, text.meta_description]
    if locale != options.main_locale:
        cells += ["simple", item.product.name, own, main, sku, own, sku]
    if options.woocommerce_published:
        cells.append(PUBLISHED[options.woocommerce_published])
    return [_on_one_line(cell) for cell in cells]


def language_code(locale: str, options: Options) -> str:
    """The code of a language in WPML and Polylang: `de`; `en-gb` where `en` is taken; `pt-pt`."""
    language = language_of(locale)
    first = next(each for each in options.locales if language_of(each) == language)
    return locale.lower() if locale != first or language == "pt" else language


def _on_one_line(text: str) -> str:
    r"""Line breaks as `\n`, as WooCommerce's importer reads them, and a `\n` of the text as `\\n`."""
    return text.replace("\\n", "\\\\n").replace("\r\n", "\n").replace("\n", "\\n")


def _update(item: ExportItem, options: Options) -> dict[str, object]:
    locale = options.main_locale
    text = item.texts[locale]
    update: dict[str, object] = {
        "id": int(item.identifiers.shop_id),
        "short_description": text.overview,
        "description": options.body(item, locale),
        "meta_data": [
            {"key": "rank_math_title", "value": text.seo_title},
            {"key": "rank_math_description", "value": text.meta_description},
        ],
    }
    status = {"published": "publish"}.get(options.woocommerce_published, options.woocommerce_published)
    return update | ({"status": status} if status else {})


def _batch(updates: list[dict[str, object]]) -> Piece:
    return Piece(_REST, orjson.dumps({"update": updates}, option=orjson.OPT_APPEND_NEWLINE))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _files(options: Options) -> Sequence[OutFile]:
    tables = [
        OutFile(file_name(locale), head=b"\xef\xbb\xbf" + csv_row(columns(locale, options)))
        for locale in options.locales
    ]
    return [*tables, OutFile(_REST)]


WOOCOMMERCE = Channel(files=_files, write=write)
