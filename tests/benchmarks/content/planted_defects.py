"""Plants defects into real texts, each for one rule, to measure how many the checks find.

The sentences of `FIRST_ROUND` and `SECOND_ROUND` were used to improve the rules, so they only show that
nothing broke. `UNSEEN` was written when the rules were complete: it shows how they handle unknown sentences.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from shared.content.locales import LOCALES, language_of
from shared.content.quality.check_context import CheckContext, OtherProduct
from shared.content.quality.locale_texts import LocaleTexts
from shared.content.text_fields import TextField
from tests.benchmarks.content.sentences import FIRST_ROUND, SECOND_ROUND

# Rule → language or locale → sentences.
Sentences = Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True)
class PlantedDefect:
    """A context with one defect. A finding of `rule` in `field` counts as found."""

    rule: str
    context: CheckContext
    field: str


def planted_defects(context: CheckContext) -> Iterator[PlantedDefect]:
    """Every defect that can be planted into a context, one at a time."""
    yield from planted_sentences(context, FIRST_ROUND)
    yield from planted_sentences(context, SECOND_ROUND)
    yield from _foreign_texts(context)
    yield from _other_defects(context)


def planted_sentences(context: CheckContext, sentences_by_rule: Sentences) -> Iterator[PlantedDefect]:
    """Each sentence in the language of the context, appended to one of its texts."""
    for rule, by_language in sentences_by_rule.items():
        sentences = by_language.get(context.locale) or by_language.get(language_of(context.locale)) or ()
        for index, sentence in enumerate(sentences):
            field = context.fields[index % len(context.fields)]
            yield PlantedDefect(rule, with_text(context, field.path, f"{field.text} {sentence}"), field.path)


def with_text(context: CheckContext, path: str, text: str) -> CheckContext:
    """The context with another text in one field."""
    fields = tuple(TextField(path, text) if field.path == path else field for field in context.fields)
    return with_fields(context, fields)


def with_fields(context: CheckContext, fields: Sequence[TextField]) -> CheckContext:
    """The context with other texts."""
    return replace(context, texts=LocaleTexts(fields, context.source.name_words))


def _foreign_texts(context: CheckContext) -> Iterator[PlantedDefect]:
    """Each field with the text of another language: a defect for two rules."""
    for locale, texts in context.siblings.items():
        if language_of(locale) == language_of(context.locale):
            continue
        for field, other in zip(context.fields, texts.fields, strict=True):
            foreign = with_text(context, field.path, other.text)
            yield PlantedDefect("wrong_language", foreign, field.path)
            yield PlantedDefect("copied_text", foreign, field.path)


def _other_defects(context: CheckContext) -> Iterator[PlantedDefect]:
    first, second, *_ = context.fields
    yield PlantedDefect("repetition", with_text(context, second.path, first.text), second.path)
    yield PlantedDefect("placeholder", with_text(context, second.path, "N/A"), second.path)
    fields = [TextField(f.path, f.text.replace(context.source.name, "Corvus Twelve")) for f in context.fields]
    others = [OtherProduct("Corvus Twelve", LocaleTexts(fields, frozenset({"corvus", "twelve"})))]
    yield PlantedDefect("boilerplate", replace(context, others=others), first.path)
    brand = context.source.brand.split()[0]
    if brand in first.text:
        misspelt = brand[:-2] + brand[-1] + brand[-2]
        text = first.text.replace(brand, misspelt)
        yield PlantedDefect("name_misspelt", with_text(context, first.path, text), first.path)
    nameless = tuple(
        TextField(field.path, field.text.replace(context.source.brand, "").replace(context.source.name, ""))
        for field in context.fields
    )
    yield PlantedDefect("name_missing", with_fields(context, nameless), "")
    if context.locale != LOCALES[0]:
        shortened = tuple(TextField(f.path, f.text[: len(f.text) // 2]) for f in context.fields)
        yield PlantedDefect("less_full_than_first", with_fields(context, shortened), "")
