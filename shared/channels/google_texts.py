"""The texts of a product and locale that go to Google Merchant Center, and the reasons for what does not."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.channels import google_rules as rules
from shared.channels.channel_text import Block
from shared.channels.export_item import ExportItem
from shared.channels.labels import labels_of

# Sections that have a field of their own, and lists of words that make no sentence.
_NOT_DESCRIBED = ("qa", "skill_level", "best_genres", "styles")


@dataclass
class GoogleTexts:
    """What is sent for one product in one language. `left_out` has pairs of a field and the reason."""

    offer_id: str
    section: str
    title: str = ""
    description: str = ""
    highlights: list[str] = field(default_factory=list)
    details: list[tuple[str, str]] = field(default_factory=list)
    questions: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def google_texts(item: ExportItem, locale: str) -> GoogleTexts:
    """Choose and check the texts of a locale."""
    texts = GoogleTexts(item.product.sku, labels_of(locale).sections["specifications"])
    _add_title(texts, item, locale)
    _add_description(texts, item, locale)
    _add_highlights(texts, item, locale)
    _add_questions(texts, item, locale)
    texts.details, refused = rules.details_of(item.product)
    texts.left_out += [(f"product_detail {name}", reason) for name, reason in refused]
    return texts


def _add_title(texts: GoogleTexts, item: ExportItem, locale: str) -> None:
    title = item.texts[locale].seo_title
    if problem := _problem(title, rules.TITLE_CHARACTERS, item):
        texts.left_out.append(("structured_title", problem))
    else:
        texts.title = title


def _add_description(texts: GoogleTexts, item: ExportItem, locale: str) -> None:
    """Whole paragraphs, as many as fit; questions have a field of their own."""
    text = item.texts[locale]
    paragraphs = [text.overview] if text.overview else []
    length = len(text.overview)
    for block in text.blocks:
        if block.key in _NOT_DESCRIBED:
            continue
        for paragraph in _paragraphs(block):
            if problem := rules.forbidden(paragraph, item.product):
                texts.left_out.append((f"structured_description: {block.label}", problem))
            elif length + 1 + len(paragraph) > rules.DESCRIPTION_CHARACTERS:
                reason = f"does not fit into {rules.DESCRIPTION_CHARACTERS} characters"
                texts.left_out.append((f"structured_description: {block.label}", reason))
            else:
                paragraphs.append(paragraph)
                length += 1 + len(paragraph)
    if not text.overview or (problem := rules.forbidden(text.overview, item.product)):
        texts.left_out.append(("structured_description", problem if text.overview else "is absent"))
    else:
        texts.description = " ".join(paragraphs)


def _paragraphs(block: Block) -> Iterator[str]:
    yield from block.paragraphs
    if block.points:
        points = (f"{point.title} - {point.text}" if point.title else point.text for point in block.points)
        yield f"{block.label}: " + "; ".join(point.rstrip(".") for point in points) + "."


def _add_highlights(texts: GoogleTexts, item: ExportItem, locale: str) -> None:
    features = item.texts[locale].key_features
    for feature in features:
        problem = _problem(feature, rules.HIGHLIGHT_CHARACTERS, item)
        if not problem and len(texts.highlights) == rules.MOST_HIGHLIGHTS:
            problem = f"Google takes {rules.MOST_HIGHLIGHTS}"
        if problem:
            texts.left_out.append(("product_highlight", problem))
        else:
            texts.highlights.append(feature)
    if texts.highlights and len(texts.highlights) < rules.FEWEST_HIGHLIGHTS:
        texts.highlights = []
        texts.left_out.append(("product_highlight", "only one is left, and Google takes two or more"))


def _add_questions(texts: GoogleTexts, item: ExportItem, locale: str) -> None:
    total = 0
    for question, answer in item.texts[locale].questions:
        problem = next(
            filter(None, (_problem(each, rules.QUESTION_CHARACTERS, item) for each in (question, answer))), ""
        )
        total += 0 if problem else len(question) + len(answer)
        if not problem and (
            total > rules.QUESTIONS_CHARACTERS or len(texts.questions) == rules.MOST_QUESTIONS
        ):
            problem = f"Google takes {rules.MOST_QUESTIONS} pairs and {rules.QUESTIONS_CHARACTERS} characters"
        if problem:
            texts.left_out.append(("question_and_answer", problem))
        else:
            texts.questions.append((question, answer))


def _problem(text: str, most: int, item: ExportItem) -> str:
    if not text:
        return "is absent"
    return rules.too_long(text, most) or rules.forbidden(text, item.product)
