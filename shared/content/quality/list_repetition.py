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
_PREFIXES = tuple(_LISTS)
# An item with fewer words of meaning may be part of an earlier one by chance.
_MIN_WORDS = 2
# An item repeats an earlier one if at most one in this many of its words of meaning is its own.
_WORDS_PER_OWN = 5
# Two words are alike if they share this many first letters (massiv, massive), or if one ends with the other
# and that has at least this many letters (Hals, Ahornhals).
_STEM = 5
_COMPOUND_PART = 4


class _Meaning:
    """Words without function words and without those of the product's name."""

    def __init__(self, words: frozenset[str]) -> None:
        self.words = words
        self._stems = frozenset(word[:_STEM] for word in words if len(word) >= _STEM)
        self._parts = tuple(word for word in words if len(word) >= _COMPOUND_PART)

    def repeats(self, earlier: "_Meaning") -> bool:
        """Whether nearly all words, or words like them, are in an earlier item."""
        own = 0
        for word in self.words:
            own += not earlier._has(word)
            if own * _WORDS_PER_OWN > len(self.words):
                return False
        return True

    def _has(self, word: str) -> bool:
        if word in self.words or (len(word) >= _STEM and word[:_STEM] in self._stems):
            return True
        if word.endswith(self._parts):
            return True
        return len(word) >= _COMPOUND_PART and any(part.endswith(word) for part in self._parts)


def check(context: CheckContext) -> Iterator[Finding]:
    """Items of a list that only repeat items of an earlier list. The advice names both fields."""
    items = _items(context)
    earlier: dict[str, _Meaning] = {}
    for name, job in _LISTS.items():
        meanings = {path: _meaning(context, fields) for path, fields in items[name].items()}
        for path, meaning in meanings.items():
            original = _original(meaning, earlier) if len(meaning.words) >= _MIN_WORDS else None
            if original:
                field = items[name][path][0]
                advice = f"{path} repeats {original}; say {job}, or leave it out"
                span = (0, len(field.text))
                yield finding_at(RULE, Severity.WARNING, field.path, field.text, span, advice)
        earlier |= meanings
        # An item may also be made of several earlier ones ("Alder body with maple neck").
        earlier[name] = _Meaning(frozenset().union(*(meaning.words for meaning in meanings.values())))


def _original(meaning: _Meaning, earlier: Mapping[str, _Meaning]) -> str | None:
    return next((path for path, known in earlier.items() if meaning.repeats(known)), None)


def _items(context: CheckContext) -> dict[str, dict[str, list[TextField]]]:
    """The texts of each item by list and path. A reason to buy has two texts."""
    items: dict[str, dict[str, list[TextField]]] = {name: {} for name in _LISTS}
    for field in context.fields:
        match = _ITEM.match(field.path) if field.path.startswith(_PREFIXES) else None
        if match:
            items[match[1]].setdefault(match[0], []).append(field)
    return items


def _meaning(context: CheckContext, fields: Sequence[TextField]) -> _Meaning:
    words = [word for field in fields for word in context.texts.own_words[field.path]]
    return _Meaning(frozenset(words) - function_words_of(context.language))
