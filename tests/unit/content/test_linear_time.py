"""No pattern and no reader takes more than linear time, whatever a catalogue, a model or a caller writes."""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest

import shared
import triggers
from shared.catalogue.row_mapping import read_product
from shared.content.bounded_patterns import bounded
from shared.content.cleaning import clean_text
from shared.content.locales import LOCALES
from shared.content.quality import accessories, addresses, markup, naming, numbers
from shared.content.quality.assessment import PATTERN_RULES, pattern_set
from shared.content.quality.locale_texts import LocaleTexts
from shared.content.quality.number_reader import read_numbers
from shared.content.quality.pattern_search import SearchPattern
from shared.content.text_fields import TextField
from shared.content.url_finder import find_addresses
from shared.content.word_counts import folded_words
from shared.domain.ids import category_slug, product_id_for, slugify
from shared.retailers.product_urls import servable
from shared.verification.verbatim import find_words
from tests.unit.content.contexts import make_context

# Each is repeated to a text of the length that is tried.
UNITS = (
    "1", "1.", "1,", "1 ", "1/", "1-", "1x", "½", "19", "978-", "1€", "€", "1'", "1.1.1 ",
    "a", "A", "a ", "a.", "a-", "A’", "é", "a.b", "a@", "@", "a@a.", "www.", "http:", "://",
    " ", "\t", "\n", "\u00a0", ";", " ;", ".", ". ", ":", "-", "–", "*", "*a", "_", "`", "`a", "#",
    "<", "<a", "< ", "<!--", "&", "&a", "&#1", "&#1;", "[", "[a", "](", "(", "{", "\\", "\"", "'",
    "\u00ad", "\u0301", "漢", "а", "🎸",
)  # fmt: skip
# Beginnings of something that a long run follows.
STARTS = ("<", "&", "€1", "a.", "a@a.", "[a", "a\n", "www", "http")
# Longer than any text of a model. A quadratic pattern takes 18 million steps for the double length.
LENGTH = 3_000
# What is faster than this at the double length is fast enough.
UNSUSPICIOUS_SECONDS = 0.03
# Twice the time for twice the length, and some noise. Quadratic time would be four.
MOST_GROWTH = 3.0


def seconds(work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start


def grows_too_fast(work: Callable[[str], object], unit: str, start: str = "") -> str:
    """Empty, or what was measured if the double length takes far more than twice the time."""

    def best(length: int, tries: int = 3) -> float:
        text = start + unit * (length // len(unit))
        return min(seconds(lambda: work(text)) for _ in range(tries))

    if best(2 * LENGTH, tries=1) < UNSUSPICIOUS_SECONDS:
        return ""
    one, two = best(LENGTH), best(2 * LENGTH)
    if two < UNSUSPICIOUS_SECONDS or two < MOST_GROWTH * one:
        return ""
    return f"{start!r} and {unit!r}: {one:.3f} s, then {two:.3f} s"


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every pattern for strings that a module of the app holds, and every pattern of the quality rules."""
    for package in (shared, triggers):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for name, value in vars(importlib.import_module(module.name)).items():
                values = value if isinstance(value, tuple) else (value,)
                for each in values:
                    regex = each.regex if isinstance(each, SearchPattern) else each
                    if isinstance(regex, re.Pattern) and regex.pattern.__class__ is str:
                        yield f"{module.name}.{name}", regex
    for locale in LOCALES:
        for rule in PATTERN_RULES:
            for index, pattern in enumerate(rule.patterns(locale)):
                yield f"{rule.__name__} {index} {locale}", pattern.regex
    for name, regex in accessories._load_patterns()[1].items():
        yield f"accessory {name}", regex


def inline_patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Patterns that are written at their use: `re.sub(r"...", ...)`."""
    functions = {"sub", "search", "match", "split", "findall", "finditer", "fullmatch"}
    for package in (shared, triggers):
        for path in Path(package.__path__[0]).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and (node.func.value.id, node.func.attr) in {("re", name) for name in functions}
                    and isinstance(node.args[0], ast.Constant)
                ):
                    yield f"{path.stem}:{node.lineno}", re.compile(str(node.args[0].value))


PATTERNS = {regex: name for name, regex in reversed([*patterns(), *inline_patterns()])}


def own_words(regex: re.Pattern[str]) -> list[str]:
    """Words of the pattern itself."""
    return sorted(set(re.findall(r"[^\W\d_]{2,}", regex.pattern)), key=len)[-3:]


def slow_inputs(work: Callable[[str], object], words: Sequence[str] = ()) -> list[str]:
    found = [grows_too_fast(work, unit) for unit in (*UNITS, *(f"{word} " for word in words))]
    found += [grows_too_fast(work, run, start) for start in (*STARTS, *words) for run in " a1"]
    return list(filter(None, found))


@pytest.mark.parametrize("regex", PATTERNS, ids=PATTERNS.get)
def test_the_time_of_a_pattern_grows_with_the_length(regex: re.Pattern[str]) -> None:
    def work(text: str) -> None:
        for _ in regex.finditer(text):
            pass

    assert not slow_inputs(work, own_words(regex))


def numbers_in(language: str) -> Callable[[str], object]:
    return lambda text: list(read_numbers(text, language, min_word_value=0))


def findings_of(rule: ModuleType) -> Callable[[str], object]:
    return lambda text: list(rule.check(make_context(text)))


ROW = ("sku", "name", "brand", "category", "description", "msrp_price", "url_source", "material")
READERS: dict[str, Callable[[str], object]] = {
    "clean_text": clean_text.__wrapped__,
    "find_addresses": find_addresses,
    "folded_words": folded_words,
    "slugs": lambda text: (slugify(text), category_slug(text), product_id_for(text)),
    "path": lambda text: servable(f"https://shop.example/{text}"),
    "host": lambda text: servable(f"https://{text}"),
    "find_words": lambda text: find_words(text, text[: len(text) // 3] + "#"),
    "find_words at every place": lambda text: find_words(f"{text}2", "12"),
    "sentences": lambda text: LocaleTexts((TextField("f", text),), frozenset()).words,
    "row": lambda text: read_product(dict.fromkeys(ROW, text)),
    "price": lambda text: read_product({"sku": "A", "name": "B", "msrp_price": text, text: "x"}),
    **{f"numbers in {language}": numbers_in(language) for language in ("en", "de", "fr")},
    **{rule.__name__: findings_of(rule) for rule in (addresses, markup, naming, numbers)},
}


@pytest.mark.parametrize("reader", READERS)
def test_the_time_of_a_reader_grows_with_the_length(reader: str) -> None:
    assert not slow_inputs(READERS[reader])


def test_the_measurement_notices_quadratic_time() -> None:
    assert grows_too_fast(re.compile(r"\d+x").findall, "1") != ""
    assert not grows_too_fast(re.compile(bounded(r"\d+x")).findall, "1")


def test_the_search_of_all_rules_is_linear() -> None:
    search = pattern_set("de-DE").possible_matches
    assert not slow_inputs(search)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\d+x", r"\d{1,100}x"),
        (r"a*?b", "a{0,100}?b"),
        (r"[+*]\+\*a{3}b{2,5}", r"[+*]\+\*a{3}b{2,5}"),
        (r"(?:a{3,}|[^\]+]+)", r"(?:a{3,100}|[^\]+]{1,100})"),
    ],
)
def test_every_repetition_has_a_bound(pattern: str, expected: str) -> None:
    assert bounded(pattern) == expected
