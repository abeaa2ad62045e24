"""Boilerplate across products: texts that would fit any product, found because they stand at another's.

Colour variants of one product are excepted: they may say the same.
"""

from collections.abc import Iterator

from rapidfuzz import fuzz

from shared.content.quality.check_case import Case, OtherProduct
from shared.content.quality.findings import Finding, Severity, found
from shared.content.quality.wordlists import word_set
from shared.content.word_counts import words_of

RULE = "boilerplate"
_WORDS = 8
# Buyers ask the same of every product; only answers have to differ.
_QUESTION = ".question"
# From so many fields on that stand at one other product, it is no coincidence.
_MANY = 4


def check(case: Case) -> Iterator[Finding]:
    """Fields that another product has too, its name aside."""
    if not case.others:
        return
    own = {
        path: case.texts.own_texts[path]
        for path, words in case.texts.words.items()
        if len(words) >= _WORDS and not path.endswith(_QUESTION)
    }
    texts = {field.path: field.text for field in case.fields}
    reported: set[str] = set()
    for other in case.others:
        if are_variants(case.subject.name, other.name):
            continue
        same = [path for path in own if path not in reported and _same(own[path], path, other, case)]
        severity = Severity.ERROR if len(same) >= _MANY else Severity.WARNING
        for path in same:
            reported.add(path)
            advice = f"say what is particular to this product; «{other.name}» has the same text"
            yield found(RULE, severity, path, texts[path], (0, len(texts[path])), advice)


def are_variants(name: str, other: str) -> bool:
    """Whether two names differ by words of colour and finish only."""
    ours, theirs = (frozenset(word.casefold() for word in words_of(each)) for each in (name, other))
    differing = ours ^ theirs
    return bool(ours & theirs) and differing <= word_set("colours", "colours")


def _same(text: str, path: str, other: OtherProduct, case: Case) -> bool:
    theirs = other.texts.own_texts.get(path)
    if theirs is None:
        return False
    return fuzz.ratio(text, theirs, score_cutoff=case.limits.similarity) >= case.limits.similarity
