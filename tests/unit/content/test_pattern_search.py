"""The fast search: the wide pattern matches wherever the pattern of the rule does."""

import re
from collections.abc import Iterator

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from shared.content.locales import LOCALES
from shared.content.quality.assessment import PATTERN_RULES, pattern_set
from shared.content.quality.pattern_search import PatternSet, SearchPattern, widen
from shared.content.text_fields import TextField
from tests.benchmarks.content import sentences
from tests.unit.content.contexts import make_context
from tests.unit.content.real_data import real_answers


def patterns() -> Iterator[tuple[str, SearchPattern]]:
    """Every pattern of the rules with a name. Several locales may have the same pattern."""
    for locale in LOCALES:
        for rule in PATTERN_RULES:
            for index, pattern in enumerate(rule.patterns(locale)):
                yield f"{rule.__name__.rpartition('.')[2]} {index} {locale}", pattern


PATTERNS = {pattern: name for name, pattern in reversed(list(patterns()))}
CHARACTERS = "aßéñüÉ0129 .,:/()[]*_&;<>-’'\u00a0\n%★"
EDGE = r"(?:^|$|[^\pL\pN_])"
WORDS = sorted({word for pattern in PATTERNS for word in re.findall(r"[^\W\d_]{2,}", pattern.regex.pattern)})


def texts() -> list[str]:
    """Real texts, and sentences that the rules should find."""
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


@pytest.mark.parametrize("pattern", PATTERNS, ids=PATTERNS.get)
def test_the_search_never_misses_a_match_in_real_texts(pattern: SearchPattern) -> None:
    missed = [text for text in texts() if pattern.regex.search(text) and not pattern.may_match(text)]
    assert missed == []


@given(
    st.lists(
        st.one_of(st.sampled_from(WORDS), st.text(CHARACTERS, max_size=6)),
        max_size=12,
    ),
    st.sampled_from([" ", "", "\u00a0", "-"]),
)
def test_the_search_never_misses_a_match_in_generated_texts(parts: list[str], between: str) -> None:
    text = between.join(parts)
    for locale in LOCALES:
        possible = pattern_set(locale).possible_matches(text)
        for pattern in pattern_set(locale).patterns:
            if pattern.regex.search(text):
                assert pattern in possible, (PATTERNS[pattern], text)


def test_matches_have_their_field_and_offsets() -> None:
    context = make_context(TextField("a", "Nothing here."), TextField("b", "Ein Schön-Wort, schön."))
    pattern = SearchPattern(re.compile(r"(?<!\w)schön(?!\w)", re.IGNORECASE))
    found = [(field.path, match.span()) for field, match in context.find(pattern)]
    assert found == [("b", (4, 9)), ("b", (16, 21))]
    assert list(make_context("Nothing here.", "Unschönes").find(pattern)) == []


def test_a_pattern_set_returns_the_patterns_that_may_match() -> None:
    one, two, three = (SearchPattern(re.compile(word)) for word in ("warm", r"(?<!\w)ton(?!\w)", r"\d\smm"))
    together = PatternSet([one, two, three])
    assert list(together.possible_matches("warm tones")) == [one]
    assert list(together.possible_matches("ton, 5\u00a0mm")) == [two, three]
    assert list(together.possible_matches("")) == []


def test_a_failed_search_returns_all_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    # The result of RE2 when its automaton exceeds its memory limit.
    monkeypatch.setattr(re2.Set, "Match", lambda *_: None)
    pattern = SearchPattern(re.compile("warm"))
    assert list(PatternSet([pattern]).possible_matches("cold")) == [pattern]


@pytest.mark.parametrize(
    ("pattern", "wide"),
    [
        (r"(?<!\w)a(?!\w)", rf"{EDGE}a{EDGE}"),
        (r"b(?<!\w)a(?!\w)c", "bac"),
        (r"a(?=[.,;:)]|$)b", "ab"),
        (r"a(?![\w/]|[.,]\d|\s?(?:x|y))", "a"),
        (r"\bé\s[\w-]\d", r"é[\s\pZ][\pL\pN_-]\pN"),
        ("[\\u2600-\\u2603]\\U0001f000", r"[\x{2600}-\x{2603}]\x{0001f000}"),
        (r"\[\w\]", r"\[[\pL\pN_]\]"),
    ],
)
def test_how_a_pattern_is_widened(pattern: str, wide: str) -> None:
    assert widen(pattern) == wide
