"""The fast look: wherever a rule's own pattern finds something, the wider one does too."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.content.fields import TextField
from shared.content.locales import LOCALES, language_of
from shared.content.quality import accessories, glossary, identifiers, markup, naming, number_reader, ratings
from shared.content.quality.spotting import Spotter, whole_text, widened
from shared.content.quality.wordlists import brazilian, patterns
from tests.benchmarks.content import sentences
from tests.unit.content.real import real_answers


def spotters() -> Iterator[tuple[str, Spotter]]:
    """Every spotter of the rules, by name."""
    for locale in LOCALES:
        yield f"glossary {locale}", glossary._avoided(locale)[0]
    for language in sorted({language_of(locale) for locale in LOCALES}):
        for name, spotter in vars(patterns(language)).items():
            yield f"{name} {language}", spotter
        yield f"accessories {language}", accessories._patterns()[0][language]
        yield f"numbers {language}", number_reader._STEMS[language]
    yield "brazilian", brazilian()
    yield "markup", markup._MARKUP
    yield from zip(("brands", "shops"), naming._names(), strict=True)
    yield from (
        ("labels", identifiers._LABEL),
        ("long numbers", identifiers._LONG),
        ("stars", ratings._STARS),
    )


SPOTTERS = dict(spotters())
SIGNS = "aßéñüÉ0129 .,:/()[]*_&;<>-’'\u00a0\n%★"
WORDS = sorted(
    {word for spotter in SPOTTERS.values() for word in re.findall(r"[^\W\d_]{2,}", spotter.pattern.pattern)}
)


def texts() -> list[str]:
    """Real texts, and sentences with every kind of sin."""
    found = [field.text for answer in real_answers() for locale in LOCALES for field in answer.fields(locale)]
    return found + [str(text) for text in _strings(vars(sentences))]


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each)


@pytest.mark.parametrize("name", list(SPOTTERS))
def test_what_a_rule_finds_is_never_passed_over(name: str) -> None:
    spotter = SPOTTERS[name]
    passed = [text for text in texts() if spotter.pattern.search(text) and not spotter.wide.search(text)]
    assert passed == []


@given(
    st.lists(
        st.one_of(st.sampled_from(WORDS), st.text(SIGNS, max_size=6)),
        max_size=12,
    ),
    st.sampled_from([" ", "", "\u00a0", "-"]),
)
def test_nor_is_anything_made_of_its_words(parts: list[str], between: str) -> None:
    text = between.join(parts)
    for name, spotter in SPOTTERS.items():
        if spotter.pattern.search(text):
            assert spotter.wide.search(text), (name, text)


def test_matches_come_with_their_field_and_place() -> None:
    fields = (TextField("a", "Nothing here."), TextField("b", "Ein Schön-Wort, schön."))
    spotter = Spotter(re.compile(r"(?<!\w)schön(?!\w)", re.IGNORECASE))
    found = [(field.path, match.span()) for field, match in spotter.find(fields, whole_text(fields))]
    assert found == [("b", (4, 9)), ("b", (16, 21))]
    assert list(spotter.find(fields[:1], whole_text(fields[:1]))) == []


@pytest.mark.parametrize(
    ("pattern", "wide"),
    [
        (r"(?<!\w)a(?!\w)", "a"),
        (r"a(?=[.,;:)]|$)b", "ab"),
        (r"a(?![\w/]|[.,]\d|\s?(?:x|y))", "a"),
        (r"\bé\s[\w-]\d", r"é[\s\pZ][\pL\pN_-]\pN"),
        ("[\\u2600-\\u2603]\\U0001f000", r"[\x{2600}-\x{2603}]\x{0001f000}"),
        (r"\[\w\]", r"\[[\pL\pN_]\]"),
    ],
)
def test_how_a_pattern_is_widened(pattern: str, wide: str) -> None:
    assert widened(pattern) == wide
