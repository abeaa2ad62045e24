"""Plain CSV and JSON Lines with chosen columns: one row for each product and locale."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from shared.channels.channel import Channel, Options, OutFile, Piece, Remarks
from shared.channels.export_item import ExportItem
from shared.channels.table_files import csv_row

_CSV, _JSONL = "products.csv", "products.jsonl"

Value = str | float | list[str] | list[dict[str, str]] | dict[str, str] | None
_Column = Callable[[ExportItem, str, Options], Value]

COLUMNS: Mapping[str, _Column] = {
    "product_id": lambda item, _, __: item.product.product_id,
    "sku": lambda item, _, __: item.product.sku,
    "locale": lambda _, locale, __: locale,
    "name": lambda item, _, __: item.product.name,
    "brand": lambda item, _, __: item.product.brand,
    "category": lambda item, _, __: item.product.category_name,
    "gtin": lambda item, _, __: item.identifiers.gtin,
    "mpn": lambda item, _, __: item.identifiers.mpn,
    "handle": lambda item, _, __: item.identifiers.handle,
    "item_group": lambda item, _, __: item.identifiers.item_group,
    "slug": lambda item, _, __: item.product.slug,
    "url_source": lambda item, _, __: item.product.url_source,
    "image_uri": lambda item, _, __: item.product.image_uri,
    "msrp_price": lambda item, _, __: item.product.msrp_price,
    "currency": lambda item, _, __: item.product.currency,
    "specs": lambda item, _, __: item.specs,
    "seo_title": lambda item, locale, _: item.texts[locale].seo_title,
    "meta_description": lambda item, locale, _: item.texts[locale].meta_description,
    "overview": lambda item, locale, _: item.texts[locale].overview,
    "key_features": lambda item, locale, _: list(item.texts[locale].key_features),
    "skill_level": lambda item, locale, _: item.texts[locale].skill_level,
    "best_genres": lambda item, locale, _: list(item.texts[locale].genres),
    "questions": lambda item, locale, _: [
        {"question": question, "answer": answer} for question, answer in item.texts[locale].questions
    ],
    "html": lambda item, locale, options: options.body(item, locale),
}
DEFAULT_COLUMNS = (
    "product_id", "sku", "locale", "name", "seo_title", "meta_description", "overview", "key_features",
    "html",
)  # fmt: skip


def _columns(options: Options) -> Sequence[str]:
    return options.columns or DEFAULT_COLUMNS


def _rows(items: Iterable[ExportItem], options: Options) -> Iterator[tuple[ExportItem, dict[str, Value]]]:
    chosen = _columns(options)
    for item in items:
        for locale in item.texts:
            yield item, {name: COLUMNS[name](item, locale, options) for name in chosen}


def _write_csv(items: Iterable[ExportItem], options: Options) -> Iterator[Piece]:
    for item, row in _rows(items, options):
        yield Piece(_CSV, csv_row([_cell(value) for value in row.values()]))
        yield from _problems(item, options)


def _write_json(items: Iterable[ExportItem], options: Options) -> Iterator[Piece]:
    for item, row in _rows(items, options):
        yield Piece(_JSONL, _line({name: value or None for name, value in row.items()}))
        yield from _problems(item, options)


def _problems(item: ExportItem, options: Options) -> Iterator[Piece]:
    if "gtin" in _columns(options) and item.identifiers.gtin_problem:
        yield Remarks(item).left_out("gtin", item.identifiers.gtin_problem)


def _cell(value: Value) -> str:
    """A cell: a list of texts has a line for each; other lists and objects are JSON."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n".join(map(str, value))
    if isinstance(value, list | dict):
        return orjson.dumps(value).decode() if value else ""
    return "" if value is None else str(value)


def _line(row: dict[str, Any]) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


PLAIN_CSV = Channel(
    files=lambda options: [OutFile(_CSV, head=b"\xef\xbb\xbf" + csv_row(_columns(options)))],
    write=_write_csv,
)
PLAIN_JSONL = Channel(files=lambda _: [OutFile(_JSONL)], write=_write_json)
