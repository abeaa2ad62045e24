"""Repetition inside one locale: the same sentence, or nearly the same text, in two fields."""

from collections.abc import Iterator

from rapidfuzz import fuzz, process

from shared.content.quality.case import Case, sentences_of
from shared.content.quality.findings import Finding, Severity, found
from shared.content.words import folded_words

RULE = "repetition"
_SENTENCE_WORDS = 6
_FIELD_WORDS = 8
# A text that stands twice is a slip; so many of them are content that was filled up.
_MANY = 3


def check(case: Case) -> Iterator[Finding]:
    """Fields that say what an earlier field said, as a whole or by a sentence."""
    twins = _twins(case)
    severity = Severity.ERROR if len(twins) >= _MANY else Severity.WARNING
    seen: dict[tuple[str, ...], str] = {}
    for field in case.fields:
        twin = twins.get(field.path)
        if twin:
            advice = f"say something of its own; it is the text of {twin}"
            yield found(RULE, severity, field.path, field.text, (0, len(field.text)), advice)
            continue
        for sentence in sentences_of(field.text):
            key = folded_words(sentence)
            if len(key) < _SENTENCE_WORDS:
                continue
            before = seen.setdefault(key, field.path)
            start = field.text.find(sentence)
            if before != field.path or field.text.count(sentence) > 1:
                advice = f"say it once; it stands in {before} too"
                span = (start, start + len(sentence))
                yield found(RULE, Severity.WARNING, field.path, field.text, span, advice)


def _twins(case: Case) -> dict[str, str]:
    """Long fields whose whole text is that of an earlier field: path → path of the earlier one."""
    long = [field for field in case.fields if len(case.texts.words[field.path]) >= _FIELD_WORDS]
    twins: dict[str, str] = {}
    for index, field in enumerate(long):
        match = process.extractOne(
            field.text,
            [earlier.text for earlier in long[:index]],
            scorer=fuzz.ratio,
            score_cutoff=case.limits.similarity,
        )
        if match:
            twins[field.path] = long[match[2]].path
    return twins
