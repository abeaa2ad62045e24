"""Spellings of another country: British in en-US, American in en-GB, Brazilian in pt-PT.

Most words are spelt the same in both countries, so only spellings of the other one are reported.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.pattern_search import SearchPattern
from shared.content.quality.wordlists import brazilian_forms, read_vocabulary, word_set

RULE = "wrong_side_spelling"

# Lower case only, because capitalised words may be names ("Traveler", "Gray").
_LETTERS = re.compile(r"[a-z]{3,}")
_LOWER = re.compile(r"(?<![\w-])[a-z]{3,}(?![\w])")


def patterns(locale: str) -> tuple[SearchPattern, ...]:
    return (brazilian_forms(),) if locale == "pt-PT" else ()


def check(context: CheckContext) -> Iterator[Finding]:
    """Words that the locale spells differently."""
    if context.locale in ("en-US", "en-GB"):
        wrong = _wrong_words(context.locale)
        has_any = not wrong.keys().isdisjoint(_LETTERS.findall(context.texts.text))
        for field in context.fields if has_any else ():
            for match in _LOWER.finditer(field.text):
                right = wrong.get(match[0])
                if right:
                    yield finding_at(
                        RULE, Severity.WARNING, field.path, field.text, match.span(), f"write «{right}»"
                    )
    elif context.locale == "pt-PT":
        for field, match in context.find(brazilian_forms()):
            advice = "write the European Portuguese form"
            yield finding_at(RULE, Severity.WARNING, field.path, field.text, match.span(), advice)


@lru_cache(maxsize=2)
def _wrong_words(locale: str) -> dict[str, str]:
    pairs = [line.split() for line in read_vocabulary("british_american")["pairs"].splitlines()]
    american = dict(pairs)
    british = {form: british for british, form in pairs}
    if locale == "en-US":
        accepted = word_set("spelling", "right_in_american")
        return {
            wrong: right
            for wrong, right in american.items()
            if wrong not in british and wrong not in accepted
        }
    accepted = word_set("spelling", "right_in_british")
    return {
        wrong: right
        for wrong, right in british.items()
        # British English accepts -ize (Oxford spelling), but not -yze.
        if wrong not in american and wrong not in accepted and "iz" not in wrong
    }
