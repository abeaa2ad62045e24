"""Repetition between the three lists: key features, standout features and reasons to buy.

Key features are facts. Standout features say what a fact means for the player, and reasons to buy say for
whom it matters. An item that has no word of its own beside an earlier list does not do its job.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.language import function_words_of
from shared.content.text_fields import TextField

RULE = "list_repetition"
_LISTS = {
    "basic_info.key_features": "facts",
    "professional_assessment.standout_features": "what a fact means for the player",
    "purchase_decision.why_buy": "for whom a fact matters",
}
_ITEM = re.compile(rf"({'|'.join(map(re.escape, _LISTS))})\.\d+")
# An item with fewer words of meaning may be part of an earlier one by chance.
_MIN_WORDS = 2
# An item repeats an earlier one if at least this share of its words of meaning occurs there.
_REPEATED_SHARE = 0.8
# Two words are alike if they share this many first letters (massiv, massive) or one contains the other and is
# at least as long (Hals, Ahornhals).
_STEM = 5
_COMPOUND_PART = 4


def check(context: CheckContext) -> Iterator[Finding]:
    """Items of a list that only repeat items of an earlier list. The advice names both fields."""
    earlier: dict[str, frozenset[str]] = {}
    for name, job in _LISTS.items():
        items = _items(context, name)
        for path, fields in items.items():
            words = _meanings(context, fields)
            original = _original(words, earlier) if len(words) >= _MIN_WORDS else None
            if original:
                field = fields[0]
                advice = f"{path} repeats {original}; say {job}, or leave it out"
                span = (0, len(field.text))
                yield finding_at(RULE, Severity.WARNING, field.path, field.text, span, advice)
        earlier |= {path: _meanings(context, fields) for path, fields in items.items()}
        # An item may also be made of several earlier ones ("Alder body with maple neck").
        earlier[name] = frozenset().union(*(earlier[path] for path in items))


def _original(words: frozenset[str], earlier: Mapping[str, frozenset[str]]) -> str | None:
    return next((path for path, known in earlier.items() if _repeats(words, known)), None)


def _items(context: CheckContext, name: str) -> dict[str, list[TextField]]:
    """The texts of each item of a list: a reason to buy has two."""
    items: dict[str, list[TextField]] = {}
    for field in context.fields:
        match = _ITEM.match(field.path)
        if match and match[1] == name:
            items.setdefault(match[0], []).append(field)
    return items


def _meanings(context: CheckContext, fields: Sequence[TextField]) -> frozenset[str]:
    """The words of an item without function words and without those of the product's name."""
    words = [word for field in fields for word in context.texts.own_words[field.path]]
    return frozenset(words) - function_words_of(context.language)


def _repeats(words: frozenset[str], known: frozenset[str]) -> bool:
    found = sum(any(_is_alike(word, other) for other in known) for word in words)
    return found >= len(words) * _REPEATED_SHARE


def _is_alike(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    if short == long:
        return True
    if len(short) < _COMPOUND_PART:
        return False
    return long.endswith(short) or (len(short) >= _STEM and short[:_STEM] == long[:_STEM])
