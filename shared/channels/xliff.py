"""XLIFF 1.2 for translators (OASIS, 1 February 2008): a file for each target locale.

The source is the first locale of the export. A product is one `<file>`: `original` is its id, and `build-num`
is the hash of its source texts, so that a later import can refuse texts whose source has changed. Texts
are `needs-review-translation`, because a model wrote them.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from shared.channels.channel import Channel, Options, OutFile, Piece, Remarks
from shared.channels.export_item import ExportItem
from shared.content.control_characters import CONTROL_CHARACTER
from shared.content.sections import LocaleContent
from shared.content.text_fields import text_fields

_STATE_WRITTEN, _STATE_MISSING = "needs-review-translation", "needs-translation"
Texts = dict[str, str]


def write(items: Iterable[ExportItem], options: Options) -> Iterator[Piece]:
    """The pieces of a category."""
    source_locale = options.main_locale
    for item in items:
        by_locale = {each.locale: each.content for each in item.served.published}
        remarks = Remarks(item)
        if source_locale not in by_locale:
            yield remarks.left_out("product", "has no text in the source language", source_locale)
            continue
        source = _texts(by_locale[source_locale])
        for locale in options.locales[1:]:
            target = _texts(by_locale[locale]) if locale in by_locale else {}
            for path in sorted(target.keys() - source.keys()):
                yield remarks.left_out(path, "the source language has no such text", locale)
            yield Piece(file_name(locale), _file(item, source, target, source_locale, locale))


def _texts(content: LocaleContent) -> Texts:
    return {field.path: field.text for field in text_fields(content) if field.text}


def source_hash(source: Texts) -> str:
    """The hash of source texts by path, as `build-num` has it."""
    joined = "\x00".join(f"{path}\x01{text}" for path, text in source.items())
    return hashlib.sha256(joined.encode()).hexdigest()[:32]


def _file(item: ExportItem, source: Texts, target: Texts, source_locale: str, locale: str) -> bytes:
    product = item.product
    units = "".join(_unit(path, text, target.get(path, "")) for path, text in source.items())
    return (
        f"<file original={quoteattr(product.product_id)} source-language={quoteattr(source_locale)} "
        f'target-language={quoteattr(locale)} datatype="plaintext" build-num="{source_hash(source)}">'
        f"<header><note>{_plain(product.name)}</note></header><body>{units}</body></file>\n"
    ).encode()


def _unit(path: str, source: str, target: str) -> str:
    state = _STATE_WRITTEN if target else _STATE_MISSING
    return (
        f'<trans-unit id={quoteattr(path)} approved="no" xml:space="preserve">'
        f"<source>{_plain(source)}</source>"
        f'<target state="{state}">{_plain(target)}</target></trans-unit>'
    )


def _plain(text: str) -> str:
    return escape(CONTROL_CHARACTER.sub(" ", text))


def file_name(locale: str) -> str:
    """The file of a target locale."""
    return f"{locale}.xlf"


def _files(options: Options) -> Sequence[OutFile]:
    head = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">\n'
    )
    return [OutFile(file_name(locale), head=head, tail=b"</xliff>\n") for locale in options.locales[1:]]


XLIFF = Channel(files=_files, write=write)
