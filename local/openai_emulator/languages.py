"""The languages of answers: phrases about instruments, and the code that builds text from them.

Phrases contain no digits, links, prices or years. Each language has a file in `phrases/`. British English is
the English file with replaced spellings.
"""

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

LOCALE = re.compile(r"^[a-z]{2}-[A-Z]{2}$")
_FALLBACK = "en"
# A phrase with at most this many words is a tag (a style, a use), not an item of a list.
_SHORT = 4


@dataclass(frozen=True)
class Phrases:
    """The phrases of one language. `{name}` and `{brand}` are placeholders."""

    mark: str
    unnamed: str
    unbranded: str
    sentences: tuple[str, ...]
    tails: tuple[str, ...]
    items: tuple[str, ...]
    tags: tuple[str, ...]
    titles: tuple[str, ...]
    questions: tuple[str, ...]
    review: str
    # What a reader of the texts should find: a sentence for each kind of lapse.
    lapses: dict[str, str]


@lru_cache(maxsize=32)
def phrases_for(locale: str) -> Phrases:
    """The phrases of a locale (`de-DE`), otherwise of its language, otherwise English."""
    for name in (locale, locale.partition("-")[0], _FALLBACK):
        source = files(__package__).joinpath("phrases", f"{name}.json")
        if LOCALE.match(locale) and source.is_file():
            return _load(json.loads(source.read_text(encoding="utf-8")))
    return phrases_for("en-US")


def _load(data: dict[str, Any]) -> Phrases:
    if "based_on" in data:
        text = files(__package__).joinpath("phrases", f"{data['based_on']}.json").read_text(encoding="utf-8")
        for spelling, replacement in data["spelling"].items():
            text = text.replace(spelling, replacement)
        data = json.loads(text)
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
    }
    return Phrases(**fields)


class Voice:
    """Writes about one product in one locale. A phrase is repeated only after its pool is used up."""

    def __init__(self, locale: str, name: str, brand: str, rng: random.Random) -> None:
        self.phrases = phrases_for(locale)
        self.rng = rng
        self.marked = False
        self._name = name or self.phrases.unnamed
        self._brand = brand or self.phrases.unbranded
        self._decks: dict[str, list[str]] = {}
        self._used: set[str] = set()

    def sentences(self, low: int, high: int) -> str:
        """Sentences with `low` to `high` words in total. They are cut or padded if none fit."""
        chosen: list[str] = []
        words = 0
        target = self.rng.randint(low, (low + high) // 2)
        while words < target:
            sentence = self._draw("sentences", self.phrases.sentences, high - words)
            if sentence is None:
                break
            chosen.append(sentence)
            words += len(sentence.split())
        return self._fitted(" ".join(chosen), low, high)

    def phrase(self, low: int, high: int) -> str:
        """A short phrase of `low` to `high` words."""
        order = ("tags", "titles", "items") if high <= _SHORT else ("items", "titles", "tags")
        for pool in order:
            drawn = self._draw(pool, getattr(self.phrases, pool), high, low)
            if drawn is not None:
                return drawn
        return self._fitted("", low, high)

    def title(self, low: int, high: int) -> str:
        """A title of `low` to `high` words."""
        return self._draw("titles", self.phrases.titles, high, low) or self.phrase(low, high)

    def question(self, low: int, high: int) -> str:
        """A question of `low` to `high` words; if there is none, sentences."""
        drawn = self._draw("questions", self.phrases.questions, high, low)
        return drawn or self.sentences(low, high)

    def _draw(self, key: str, pool: Sequence[str], high: int, low: int = 1) -> str | None:
        """The next phrase with `low` to `high` words from a shuffled pool, or None."""
        deck = self._decks.get(key)
        for _ in range(2):
            if not deck:
                deck = self._decks[key] = [self._filled(each) for each in pool]
                if key == "sentences":
                    deck[:] = [self._with_tail(each) for each in deck]
                self.rng.shuffle(deck)
            for index, phrase in enumerate(deck):
                if low <= len(phrase.split()) <= high:
                    return deck.pop(index)
            deck = None
        return None

    def _with_tail(self, sentence: str) -> str:
        """The sentence with an ending that was not used yet, so that a reused sentence differs."""
        variants = [sentence, *(f"{sentence[:-1]}, {tail}." for tail in self.phrases.tails)]
        unused = [each for each in variants if each not in self._used] or variants
        chosen = self.rng.choice(unused)
        self._used.add(chosen)
        return chosen

    def _filled(self, phrase: str) -> str:
        filled = phrase.replace("{name}", self._name).replace("{brand}", self._brand)
        return filled[0].upper() + filled[1:] if phrase.endswith((".", "?")) else filled

    def _fitted(self, text: str, low: int, high: int) -> str:
        words = text.split()
        while len(words) < low:
            words += self.rng.choice([each for each in self.phrases.sentences if "{" not in each]).split()
        return text if len(words) == len(text.split()) <= high else " ".join(words[:high])
