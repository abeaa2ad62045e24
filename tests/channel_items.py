"""Products with texts, as channels read them."""

from typing import Any

from shared.channels.channel import REPORT, Channel, Options, Piece
from shared.channels.export_item import ExportItem
from shared.channels.html_body import body_writer
from shared.content.content_records import (
    Candidate,
    PublishedContent,
    PublishedFacts,
    ServedContent,
    TryState,
)
from shared.content.product_facts import ProductFacts
from shared.content.sections import LocaleContent
from shared.domain.outcome import Outcome
from shared.domain.product import Product
from tests.examples import NOW, locale_content, product, product_facts

_MADE: dict[str, Any] = {
    "content_hash": "h", "batch_id": "b", "model": "m", "prompt_version": "v3", "prompt_tokens": 1,
    "completion_tokens": 1, "request_parts": 1, "cost": 0.0, "generated_at": NOW,
}  # fmt: skip


def published(locale: str, content: dict[str, Any] | None = None) -> PublishedContent:
    """Stored texts of a locale: those of the examples, or `content`."""
    texts = LocaleContent.model_validate(locale_content() if content is None else content)
    return PublishedContent(**_MADE, locale=locale, content=texts, score=100)


def candidate(locale: str) -> Candidate:
    """The latest try of a locale."""
    return Candidate(
        part=locale, state=TryState.STORED, outcome=Outcome.STORED, attempts=0, batch_id="b",
        content_hash="h", prompt_version="v3", updated_at=NOW,
    )  # fmt: skip


def published_facts() -> PublishedFacts:
    return PublishedFacts(**_MADE, facts=ProductFacts.model_validate(product_facts()))


def item(
    *locales: str, of: Product | None = None, contents: dict[str, dict[str, Any]] | None = None
) -> ExportItem:
    """A product with texts in some locales, or with `contents` by locale."""
    given = contents or {locale: locale_content() for locale in locales}
    texts = tuple(published(locale, content) for locale, content in sorted(given.items()))
    return ExportItem.of(of or product(), ServedContent(texts, published_facts()), tuple(given))


def options(*locales: str, **more: Any) -> Options:
    return Options(locales=locales, body=body_writer(), **more)


def written(channel: Channel, chosen: Options, *items: ExportItem) -> dict[str, bytes]:
    """The files of a channel, each with head and tail; and the report without its head."""
    pieces: list[Piece] = list(channel.write(items, chosen))
    files = {file.name: file.head + _of(file.name, pieces) + file.tail for file in channel.files(chosen)}
    assert {piece.file for piece in pieces} <= {*files, REPORT}
    return {**files, REPORT: _of(REPORT, pieces)}


def _of(name: str, pieces: list[Piece]) -> bytes:
    return b"".join(piece.data for piece in pieces if piece.file == name)
