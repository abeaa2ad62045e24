"""The fast look: wherever a rule's own pattern finds something, the wider one does too."""

import re
from collections.abc import Iterator

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from shared.content.locales import LOCALES
from shared.content.quality.assessment import WITH_PATTERNS, screen_of
from shared.content.quality.prefilter import Screen, Spotter, widened
from shared.content.text_fields import TextField
from tests.benchmarks.content import sentences
from tests.unit.content.cases import case
from tests.unit.content.real import real_answers


def spotters() -> Iterator[tuple[str, Spotter]]:
    """Every spotter of the rules, by name; many are the same in several locales."""
    for locale in LOCALES:
        for rule in WITH_PATTERNS:
            for index, spotter in enumerate(rule.spotters(locale)):
                yield f"{rule.__name__.rpartition('.')[2]} {index} {locale}", spotter


SPOTTERS = {spotter: name for name, spotter in reversed(list(spotters()))}
SIGNS = "aßéñüÉ0129 .,:/()[]*_&;<>-’'\u00a0\n%★"
EDGE = r"(?:^|$|[^\pL\pN_])"
WORDS = sorted(
    {word for spotter in SPOTTERS for word in re.findall(r"[^\W\d_]{2,}", spotter.pattern.pattern)}
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


@pytest.mark.parametrize("spotter", SPOTTERS, ids=SPOTTERS.get)
def test_what_a_rule_finds_is_never_passed_over(spotter: Spotter) -> None:
    passed = [text for text in texts() if spotter.pattern.search(text) and not spotter.may_match(text)]
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
    for locale in LOCALES:
        suspects = screen_of(locale).suspects(text)
        for spotter in screen_of(locale).spotters:
            if spotter.pattern.search(text):
                assert spotter in suspects, (SPOTTERS[spotter], text)


def test_matches_come_with_their_field_and_place() -> None:
    about = case(TextField("a", "Nothing here."), TextField("b", "Ein Schön-Wort, schön."))
    spotter = Spotter(re.compile(r"(?<!\w)schön(?!\w)", re.IGNORECASE))
    found = [(field.path, match.span()) for field, match in about.find(spotter)]
    assert found == [("b", (4, 9)), ("b", (16, 21))]
    assert list(case("Nothing here.", "Unschönes").find(spotter)) == []


def test_a_screen_names_those_that_may_match() -> None:
    one, two, three = (Spotter(re.compile(word)) for word in ("warm", r"(?<!\w)ton(?!\w)", r"\d\smm"))
    screen = Screen([one, two, three])
    assert list(screen.suspects("warm tones")) == [one]
    assert list(screen.suspects("ton, 5\u00a0mm")) == [two, three]
    assert list(screen.suspects("")) == []


def test_a_set_that_gives_up_suspects_all(monkeypatch: pytest.MonkeyPatch) -> None:
    # What RE2 answers when its automaton does not fit into the memory that it may have.
    monkeypatch.setattr(re2.Set, "Match", lambda *_: None)
    spotter = Spotter(re.compile("warm"))
    assert list(Screen([spotter]).suspects("cold")) == [spotter]


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
    assert widened(pattern) == wide
