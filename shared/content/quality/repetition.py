"""Repetition within one locale: the same sentence, or nearly the same text, in two fields."""

from collections.abc import Iterator

from rapidfuzz import fuzz, process

from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at

RULE = "repetition"
# Shorter sentences and texts may be equal by chance.
_MIN_SENTENCE_WORDS = 6
_MIN_FIELD_WORDS = 8
# One repeated text is a slip. From this many on, the model has filled fields with copies: each is an error.
_ERROR_FROM = 3


def check(context: CheckContext) -> Iterator[Finding]:
    """Fields that repeat the whole text or one sentence of an earlier field."""
    copies = _copies(context)
    severity = Severity.ERROR if len(copies) >= _ERROR_FROM else Severity.WARNING
    seen: dict[tuple[str, ...], str] = {}
    for field in context.fields:
        original = copies.get(field.path)
        if original:
            advice = f"say something of its own; it is the text of {original}"
            yield finding_at(RULE, severity, field.path, field.text, (0, len(field.text)), advice)
            continue
        sentences = context.texts.sentences(field)
        for sentence, words in zip(sentences, context.texts.sentence_words(field), strict=True):
            if len(words) < _MIN_SENTENCE_WORDS:
                continue
            first = seen.setdefault(words, field.path)
            if first != field.path or (len(sentences) > 1 and field.text.count(sentence) > 1):
                start = field.text.find(sentence)
                advice = f"say it once; it stands in {first} too"
                span = (start, start + len(sentence))
                yield finding_at(RULE, Severity.WARNING, field.path, field.text, span, advice)


def _copies(context: CheckContext) -> dict[str, str]:
    """Long fields with the text of an earlier field: maps the path of each to that of the earlier one."""
    words = context.texts.words
    long = [field for field in context.fields if len(words[field.path]) >= _MIN_FIELD_WORDS]
    copies: dict[str, str] = {}
    earlier: dict[str, str] = {}
    for field in long:
        match = process.extractOne(
            field.text, earlier, scorer=fuzz.ratio, score_cutoff=context.limits.similarity
        )
        if match:
            copies[field.path] = match[2]
        earlier[field.path] = field.text
    return copies
