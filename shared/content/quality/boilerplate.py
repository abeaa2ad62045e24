"""Boilerplate: texts that would fit any product, found because another product has the same text.

Colour variants of one product may have the same texts.
"""

from collections.abc import Iterator

from rapidfuzz import fuzz

from shared.content.quality.check_context import CheckContext, OtherProduct
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.wordlists import word_set
from shared.content.word_counts import words_of

RULE = "boilerplate"
# Shorter texts may be equal by chance.
_MIN_WORDS = 8
# Buyers ask the same questions about every product. Only the answers must differ.
_QUESTION = ".question"
# With this many fields or more in common with one other product, each is an error.
_ERROR_FROM = 4


def check(context: CheckContext) -> Iterator[Finding]:
    """Fields whose text another product has too, apart from the products' names."""
    if not context.others:
        return
    own = {
        path: context.texts.own_texts[path]
        for path, words in context.texts.words.items()
        if len(words) >= _MIN_WORDS and not path.endswith(_QUESTION)
    }
    texts = {field.path: field.text for field in context.fields}
    reported: set[str] = set()
    for other in context.others:
        if are_colour_variants(context.source.name, other.name):
            continue
        shared = [path for path in own if path not in reported and _is_same(own[path], path, other, context)]
        severity = Severity.ERROR if len(shared) >= _ERROR_FROM else Severity.WARNING
        for path in shared:
            reported.add(path)
            advice = f"say what is particular to this product; «{other.name}» has the same text"
            yield finding_at(RULE, severity, path, texts[path], (0, len(texts[path])), advice)


def are_colour_variants(name: str, other: str) -> bool:
    """Whether two names differ only by words of colour and finish."""
    own_words, other_words = (frozenset(word.casefold() for word in words_of(each)) for each in (name, other))
    different = own_words ^ other_words
    return bool(own_words & other_words) and different <= word_set("colours", "colours")


def _is_same(text: str, path: str, other: OtherProduct, context: CheckContext) -> bool:
    other_text = other.texts.own_texts.get(path)
    if other_text is None:
        return False
    return fuzz.ratio(text, other_text, score_cutoff=context.limits.similarity) >= context.limits.similarity
