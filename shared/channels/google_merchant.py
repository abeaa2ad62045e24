"""Google Merchant Center: a supplemental source for each language and country, as TSV and as RSS 2.0.

It has the shop's own id and our texts, and no offer. Titles and descriptions go into the structured fields
with `trained_algorithmic_media`, because a model wrote them; the plain fields are never sent beside them.
"""

from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

from shared.channels import google_rules as rules
from shared.channels.channel import Channel, Options, OutFile, Piece, Remarks
from shared.channels.export_item import ExportItem
from shared.channels.google_texts import GoogleTexts, google_texts
from shared.channels.table_files import may_be_formula, tsv_row
from shared.content.control_characters import CONTROL_CHARACTER

AI = "trained_algorithmic_media"
COLUMNS = (
    "id", "structured_title", "structured_description", "product_highlight", "product_detail",
    "question_and_answer",
)  # fmt: skip
_TSV_RESERVED = (":", ",", '"')


def file_name(locale: str, extension: str) -> str:
    """The file of a locale, named by language and feed label: `google-en_GB.tsv`."""
    return f"google-{locale.replace('-', '_')}.{extension}"


def write(items: Iterable[ExportItem], options: Options) -> Iterator[Piece]:
    """The pieces of a category."""
    del options
    for item in items:
        remarks = Remarks(item)
        if problem := _id_problem(item.product.sku):
            yield remarks.left_out("product", problem)
            continue
        if item.identifiers.gtin_problem:
            yield remarks.note("gtin", f"{item.identifiers.gtin_problem}: correct it in the main feed")
        if not item.product.brand:
            yield remarks.note("brand", "the catalogue has none, and Google requires it in the main feed")
        for locale in item.texts:
            texts = google_texts(item, locale)
            for what, reason in texts.left_out:
                yield remarks.left_out(what, reason, locale)
            if texts.title or texts.description:
                yield from _pieces(texts, locale, remarks)


def _id_problem(offer_id: str) -> str:
    if may_be_formula(offer_id):
        return "the id begins like a formula"
    return rules.too_long(offer_id, rules.ID_CHARACTERS).replace("has", "the id has", 1)


def _pieces(texts: GoogleTexts, locale: str, remarks: Remarks) -> Iterator[Piece]:
    yield Piece(file_name(locale, "xml"), _xml(texts))
    details = [pair for pair in texts.details if not any(mark in "".join(pair) for mark in _TSV_RESERVED)]
    if len(details) < len(texts.details):
        reason = "holds a colon, a comma or quotes, which a TSV file cannot carry; the XML file has it"
        for name, _ in (pair for pair in texts.details if pair not in details):
            yield remarks.left_out(f"product_detail {name} (TSV)", reason, locale)
    yield Piece(file_name(locale, "tsv"), _tsv(texts, details))


def _tsv(texts: GoogleTexts, details: Sequence[tuple[str, str]]) -> bytes:
    return tsv_row(
        [
            texts.offer_id,
            f"{AI}:{_quoted(texts.title)}" if texts.title else "",
            f"{AI}:{_quoted(texts.description)}" if texts.description else "",
            ",".join(map(_quoted, texts.highlights)),
            ",".join(f"{texts.section}:{name}:{value}" for name, value in details),
            ",".join(f"{_quoted(question)}:{_quoted(answer)}" for question, answer in texts.questions),
        ]
    )


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _xml(texts: GoogleTexts) -> bytes:
    parts = [_element("id", texts.offer_id)]
    for name, text in (("structured_title", texts.title), ("structured_description", texts.description)):
        if text:
            parts.append(_group(name, digital_source_type=AI, content=text))
    parts += [_element("product_highlight", text) for text in texts.highlights]
    parts += [
        _group("product_detail", section_name=texts.section, attribute_name=name, attribute_value=value)
        for name, value in texts.details
    ]
    parts += [
        _group("question_and_answer", question=question, answer=answer)
        for question, answer in texts.questions
    ]
    return f"<item>{''.join(parts)}</item>\n".encode()


def _group(name: str, **parts: str) -> str:
    inner = "".join(_element(part, text) for part, text in parts.items())
    return f"<g:{name}>{inner}</g:{name}>"


def _element(name: str, text: str) -> str:
    return f"<g:{name}>{escape(CONTROL_CHARACTER.sub(' ', text))}</g:{name}>"


def _files(options: Options) -> Sequence[OutFile]:
    files: list[OutFile] = []
    for locale in options.locales:
        title = f"Product texts, {locale}"
        # RSS 2.0 demands a link; the address of the shop is not known here, and Google does not use it.
        head = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>\n'
            f"<title>{title}</title><link>about:blank</link><description>{title}</description>\n"
        )
        files.append(OutFile(file_name(locale, "tsv"), head=tsv_row(COLUMNS)))
        files.append(OutFile(file_name(locale, "xml"), head=head.encode(), tail=b"</channel></rss>\n"))
    return files


def _remarks(options: Options) -> Sequence[str]:
    return [
        f"{locale}: content language {locale.partition('-')[0]}, feed label {locale.partition('-')[2]}"
        for locale in options.locales
    ]


GOOGLE_MERCHANT = Channel(files=_files, write=write, remarks=_remarks)
