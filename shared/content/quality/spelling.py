"""Spelling of the wrong side: British in en-US, American in en-GB, Brazilian in pt-PT.

A text without a marker proves nothing, so only wrong-side spellings are reported.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from breame.data.spelling_constants import AMERICAN_ENGLISH_SPELLINGS, BRITISH_ENGLISH_SPELLINGS

from shared.content.quality.check_case import Case
from shared.content.quality.findings import Finding, Severity, found
from shared.content.quality.prefilter import Spotter
from shared.content.quality.wordlists import brazilian, word_set

RULE = "wrong_side_spelling"

# Lower case only: capitals are names ("Traveler", "Gray").
_LETTERS = re.compile(r"[a-z]{3,}")
_LOWER = re.compile(r"(?<![\w-])[a-z]{3,}(?![\w])")


def spotters(locale: str) -> tuple[Spotter, ...]:
    return (brazilian(),) if locale == "pt-PT" else ()


def check(case: Case) -> Iterator[Finding]:
    """Words that the locale spells in another way."""
    if case.locale in ("en-US", "en-GB"):
        wrong = _wrong_words(case.locale)
        has_any = not wrong.keys().isdisjoint(_LETTERS.findall(case.texts.text))
        for field in case.fields if has_any else ():
            for match in _LOWER.finditer(field.text):
                right = wrong.get(match[0])
                if right:
                    yield found(
                        RULE, Severity.WARNING, field.path, field.text, match.span(), f"write «{right}»"
                    )
    elif case.locale == "pt-PT":
        for field, match in case.find(brazilian()):
            advice = "write the European Portuguese form"
            yield found(RULE, Severity.WARNING, field.path, field.text, match.span(), advice)


@lru_cache(maxsize=2)
def _wrong_words(locale: str) -> dict[str, str]:
    if locale == "en-US":
        accepted = word_set("spelling", "right_in_american")
        return {
            wrong: right
            for wrong, right in BRITISH_ENGLISH_SPELLINGS.items()
            if wrong not in AMERICAN_ENGLISH_SPELLINGS and wrong not in accepted
        }
    accepted = word_set("spelling", "right_in_british")
    return {
        wrong: right
        for wrong, right in AMERICAN_ENGLISH_SPELLINGS.items()
        # -ize is Oxford's spelling and legitimate; -yze is not.
        if wrong not in BRITISH_ENGLISH_SPELLINGS and wrong not in accepted and "iz" not in wrong
    }
