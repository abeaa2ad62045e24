"""Repetition inside one locale: the same sentence, or nearly the same text, in two fields."""

from collections.abc import Iterator

from rapidfuzz import fuzz, process

from shared.content.quality.check_case import Case
from shared.content.quality.findings import Finding, Severity, found

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
        sentences = case.texts.sentences(field)
        for sentence, words in zip(sentences, case.texts.sentence_words(field), strict=True):
            if len(words) < _SENTENCE_WORDS:
                continue
            before = seen.setdefault(words, field.path)
            if before != field.path or (len(sentences) > 1 and field.text.count(sentence) > 1):
                start = field.text.find(sentence)
                advice = f"say it once; it stands in {before} too"
                span = (start, start + len(sentence))
                yield found(RULE, Severity.WARNING, field.path, field.text, span, advice)


def _twins(case: Case) -> dict[str, str]:
    """Long fields whose whole text is that of an earlier field: path → path of the earlier one."""
    words = case.texts.words
    long = [field for field in case.fields if len(words[field.path]) >= _FIELD_WORDS]
    twins: dict[str, str] = {}
    earlier: dict[str, str] = {}
    for field in long:
        match = process.extractOne(
            field.text, earlier, scorer=fuzz.ratio, score_cutoff=case.limits.similarity
        )
        if match:
            twins[field.path] = match[2]
        earlier[field.path] = field.text
    return twins
