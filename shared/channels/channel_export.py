"""Exporting content to a channel: pieces for each category as blobs, then one zip file of them.

Both steps are streams and may be repeated. A category that is written again replaces its pieces, and the zip
becomes visible when it is whole.
"""

from collections.abc import Callable, Iterable, Iterator

import orjson

from shared.channels.channel import (
    REPORT,
    REPORT_COLUMNS,
    Channel,
    Options,
    OutFile,
    Piece,
    Remarks,
    Result,
    report_line,
)
from shared.channels.channel_registry import CHANNELS
from shared.channels.export_item import ExportItem
from shared.channels.export_pages import pages
from shared.channels.exported_products import exported_products
from shared.channels.html_body import body_writer
from shared.channels.table_files import csv_row
from shared.channels.zip_stream import ZipStream
from shared.domain.errors import UnreadableRow
from shared.domain.product import Product
from shared.domain.task import Export
from shared.persistence.blobs import BlobWriter
from shared.persistence.parallel import map_ordered
from shared.services import Services

_BLOCK_BYTES = 1024 * 1024  # one for each file of a channel


def zip_name(export: Export) -> str:
    """The name of the blob with the zip file of an export to a channel."""
    return f"{export.prefix}{export.channel}.zip"


def write_category(services: Services, category: str, export: Export) -> int:
    """Write the pieces of a category's products. Returns the number of products that have content."""
    channel, options = _channel(export), _options(services, export)
    count = 0
    unreadable: list[UnreadableRow] = []
    left_out: list[Piece] = []

    def items() -> Iterator[ExportItem]:
        nonlocal count
        products = exported_products(services, category, export, unreadable)
        for item in map_ordered(_loader(services, options), products):
            left_out.extend(
                Remarks(item).left_out(part, "is stored in a form that cannot be read")
                for part in item.served.unreadable
            )
            if item.texts:
                count += 1
                yield item

    def written() -> Iterator[Piece]:
        for piece in channel.write(items(), options):
            yield piece
            while left_out:
                yield left_out.pop()
        yield from left_out
        for error in unreadable:
            yield report_line(error.row_key, "", "", "product", Result.LEFT_OUT, error.message)

    _write(services, export, category, _files(channel, options), written())
    return count


def _loader(services: Services, options: Options) -> Callable[[Product], ExportItem]:
    locales = options.locales

    def load(product: Product) -> ExportItem:
        served = services.contents.served(product.product_id).only(locales)
        return ExportItem.of(product, served, locales)

    return load


def _write(
    services: Services, export: Export, category: str, files: list[OutFile], pieces: Iterable[Piece]
) -> None:
    writers: dict[str, BlobWriter] = {}
    for piece in pieces:
        if piece.file not in writers:
            name = f"{_folder(export, piece.file)}{category}"
            writers[piece.file] = services.blobs.writer(name, _BLOCK_BYTES)
        writers[piece.file].write(piece.data)
    for writer in writers.values():
        writer.commit()
    for file in files:
        # An earlier try may have written a file that has nothing in it now.
        if file.name not in writers:
            services.blobs.delete(f"{_folder(export, file.name)}{category}")


def assemble(services: Services, export: Export) -> int:
    """Write the zip file of an export whose categories are all written. Returns its size in bytes."""
    channel, options = _channel(export), _options(services, export)
    archive = ZipStream(services.blobs.writer(zip_name(export)), export.created_at)
    names: list[str] = []
    for file in _files(channel, options):
        parts = list(services.blobs.sizes(_folder(export, file.name)))
        if not parts and not file.always:
            continue
        for name, chunks in pages(file, _chain(services, parts)):
            archive.add(name, chunks)
            names.append(name)
    summary = {
        "channel": export.channel,
        "export_id": export.export_id,
        "created_at": export.created_at,
        "locales": list(options.locales),
        "categories": export.categories or "all",
        "updated_since": export.updated_since,
        "files": names,
        "remarks": list(channel.remarks(options)),
    }
    archive.add("summary.json", [orjson.dumps(summary, option=orjson.OPT_INDENT_2)])
    return archive.commit()


def delete_pieces(services: Services, export: Export) -> None:
    """Delete the pieces of an export, once its zip file is there."""
    for name in services.blobs.sizes(f"{export.prefix}pieces/"):
        services.blobs.delete(name)


def _chain(services: Services, names: list[str]) -> Iterator[bytes]:
    for name in names:
        yield from services.blobs.chunks(name)


def _folder(export: Export, file: str) -> str:
    return f"{export.prefix}pieces/{file}/"


def _channel(export: Export) -> Channel:
    if export.channel is None:
        raise ValueError(f"export {export.export_id} has no channel")
    return CHANNELS[export.channel]


def _files(channel: Channel, options: Options) -> list[OutFile]:
    return [*channel.files(options), OutFile(REPORT, head=csv_row(REPORT_COLUMNS), always=True)]


def _options(services: Services, export: Export) -> Options:
    settings = services.settings
    return Options(
        locales=tuple(export.locales) or settings.locales,
        body=body_writer(settings.body_template),
        columns=tuple(export.columns),
        woocommerce_published=settings.woocommerce_published,
    )
