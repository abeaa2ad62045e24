"""Sins planted into real texts, one rule each: the field that is changed, and what it becomes.

`SENTENCES` and `SECOND` were used to make the rules better, so finding them shows that nothing broke;
`UNSEEN` were written when the rules were done, and tell how they do on what they were not made for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from shared.content.locales import LOCALES, language_of
from shared.content.quality.check_case import Case, OtherProduct
from shared.content.quality.locale_texts import Reading
from shared.content.text_fields import TextField
from tests.benchmarks.content.sentences import SECOND, SENTENCES

# Rule → language or locale → sentences.
Sentences = Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Planted:
    """A case with one sin in it, and where: a finding of the rule that touches the field finds it."""

    rule: str
    case: Case
    field: str


def planted(case: Case) -> Iterator[Planted]:
    """Every sin that can be planted into a case, one at a time."""
    yield from planted_sentences(case, SENTENCES)
    yield from planted_sentences(case, SECOND)
    yield from _languages(case)
    yield from _others(case)


def planted_sentences(case: Case, sentences_by_rule: Sentences) -> Iterator[Planted]:
    """Each sentence of the case's language, behind one of its texts."""
    for rule, by_language in sentences_by_rule.items():
        sentences = by_language.get(case.locale) or by_language.get(language_of(case.locale)) or ()
        for index, sentence in enumerate(sentences):
            field = case.fields[index % len(case.fields)]
            yield Planted(rule, with_text(case, field.path, f"{field.text} {sentence}"), field.path)


def with_text(case: Case, path: str, text: str) -> Case:
    """The case with another text in one field."""
    fields = tuple(TextField(path, text) if field.path == path else field for field in case.fields)
    return with_fields(case, fields)


def with_fields(case: Case, fields: Sequence[TextField]) -> Case:
    """The case with other texts."""
    return replace(case, texts=Reading(fields, case.subject.name_words))


def _languages(case: Case) -> Iterator[Planted]:
    """A field, or its last sentence, in each of the other languages: untranslated, and copied as well."""
    for locale, texts in case.siblings.items():
        if language_of(locale) == language_of(case.locale):
            continue
        for field, other in zip(case.fields, texts.fields, strict=True):
            foreign = with_text(case, field.path, other.text)
            yield Planted("wrong_language", foreign, field.path)
            yield Planted("copied_text", foreign, field.path)


def _others(case: Case) -> Iterator[Planted]:
    first, second, *_ = case.fields
    yield Planted("repetition", with_text(case, second.path, first.text), second.path)
    yield Planted("placeholder", with_text(case, second.path, "N/A"), second.path)
    theirs = [TextField(f.path, f.text.replace(case.subject.name, "Corvus Twelve")) for f in case.fields]
    others = [OtherProduct("Corvus Twelve", Reading(theirs, frozenset({"corvus", "twelve"})))]
    yield Planted("boilerplate", replace(case, others=others), first.path)
    brand = case.subject.brand.split()[0]
    if brand in first.text:
        misspelt = brand[:-2] + brand[-1] + brand[-2]
        text = first.text.replace(brand, misspelt)
        yield Planted("name_misspelt", with_text(case, first.path, text), first.path)
    nameless = tuple(
        TextField(field.path, field.text.replace(case.subject.brand, "").replace(case.subject.name, ""))
        for field in case.fields
    )
    yield Planted("name_missing", with_fields(case, nameless), "")
    if case.locale != LOCALES[0]:
        cut = tuple(TextField(f.path, f.text[: len(f.text) // 2]) for f in case.fields)
        yield Planted("less_full_than_first", with_fields(case, cut), "")
