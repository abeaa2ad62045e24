"""What a channel is: the files it writes, and how it turns products into pieces of these files."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from shared.channels.export_item import ExportItem
from shared.channels.html_body import Body
from shared.channels.table_files import csv_row

REPORT = "report.csv"


class Result(StrEnum):
    """What happened to a value that did not fit: it is missing in the files, or it is there with a remark."""

    LEFT_OUT = "left_out"
    NOTE = "note"


@dataclass(frozen=True)
class OutFile:
    """A file of the zip. `head` and `tail` go around its pieces.

    A file without pieces is left out of the zip, unless it is `always` there. With `max_bytes`
    the file is continued in a further file, between two lines, when it would get larger.
    """

    name: str
    head: bytes = b""
    tail: bytes = b""
    max_bytes: int | None = None
    always: bool = False


@dataclass(frozen=True)
class Piece:
    """Some bytes of a file: whole lines, or whole elements."""

    file: str
    data: bytes


@dataclass(frozen=True)
class Options:
    """What an export asked for, and the settings that channels read. `locales` has at least one."""

    locales: Sequence[str]
    body: Body
    columns: Sequence[str] = ()
    woocommerce_published: str = ""

    @property
    def main_locale(self) -> str:
        """The language of the shop itself: the first locale of the export. Others are translations of it."""
        return self.locales[0]


@dataclass(frozen=True)
class Channel:
    """A channel. `write` is called once a category, with its products; it may keep a batch between them."""

    files: Callable[[Options], Sequence[OutFile]]
    write: Callable[[Iterable[ExportItem], Options], Iterator[Piece]]
    # Remarks about the whole export, in plain words.
    remarks: Callable[[Options], Sequence[str]] = field(default=lambda _: ())


REPORT_COLUMNS = ("product_id", "sku", "locale", "field", "result", "reason")


@dataclass(frozen=True)
class Remarks:
    """Writes lines of the report about one product."""

    item: ExportItem

    def left_out(self, what: str, reason: str, locale: str = "") -> Piece:
        """A line that says that `what` is missing in the files, and why."""
        return self._line(what, Result.LEFT_OUT, reason, locale)

    def note(self, what: str, reason: str, locale: str = "") -> Piece:
        """A line about `what` that a person should know."""
        return self._line(what, Result.NOTE, reason, locale)

    def _line(self, what: str, result: Result, reason: str, locale: str) -> Piece:
        product = self.item.product
        return report_line(product.product_id, product.sku, locale, what, result, reason)


def report_line(product_id: str, sku: str, locale: str, what: str, result: Result, reason: str) -> Piece:
    """A line of the report."""
    return Piece(REPORT, csv_row((product_id, sku, locale, what, result, reason)))
