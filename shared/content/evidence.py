"""The facts of a record: what a text can rest on.

The description is split into facts at line breaks, semicolons, bullets, ends of sentences and commas between
phrases; each spec is one fact. What only repeats the product's name, brand or category is none. Words of
`fact_kinds.toml`, in the languages of catalogues, tell the kind of a fact.
"""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from shared.content.bounded_patterns import compile_bounded
from shared.content.prompt_record import build_prompt_record
from shared.content.word_counts import folded_words
from shared.domain.product import ProductRecord

# Bullets, and ends of sentences that a capital or a digit follows. A decimal point has no space after it.
_SPLIT = compile_bounded(r"[;\n•·▪|]|\s+[-–—*]\s+|(?<=[.!?…])\s+(?=[\W\dA-ZÀ-Þ])")
# A comma separates facts where each side has two words or more: "maple neck, two humbuckers".
_COMMA = re.compile(r"(?<=\w\s)(\S+),\s+(?=\S+\s+\S)")
_LETTER = re.compile(r"[^\W\d_]")


class FactKind(StrEnum):
    """What a fact speaks of. A fact may be of several kinds, or of none of these."""

    MATERIALS = "materials"
    CONSTRUCTION = "construction"
    DIMENSIONS = "dimensions"
    ELECTRONICS = "electronics"
    SOUND = "sound"
    USE = "use"
    CONTENTS = "contents"


@dataclass(frozen=True)
class Fact:
    """One fact in the words of the record."""

    text: str
    kinds: frozenset[FactKind]


@dataclass(frozen=True)
class Evidence:
    """All facts of a record, each once."""

    facts: tuple[Fact, ...]

    @property
    def kinds(self) -> frozenset[FactKind]:
        return frozenset().union(*(fact.kinds for fact in self.facts))


def read_evidence(product: ProductRecord) -> Evidence:
    """The facts of the product's cleaned record, which is the record that the model sees."""
    record = build_prompt_record(product)
    known = frozenset(folded_words(" ".join(record.get(key, "") for key in ("name", "brand", "category"))))
    description = _COMMA.sub(r"\1; ", record.get("description", ""))
    texts = _SPLIT.split(description)
    texts += [f"{key}: {value}" for key, value in record.get("specs", {}).items()]
    facts: dict[tuple[str, ...], Fact] = {}
    for text in texts:
        words = folded_words(text)
        if _LETTER.search(text) and not known.issuperset(words):
            facts.setdefault(words, Fact(text.strip(), _kinds_of(text)))
    return Evidence(tuple(facts.values()))


def _kinds_of(text: str) -> frozenset[FactKind]:
    return frozenset(kind for kind, pattern in _patterns().items() if pattern.search(text))


@lru_cache(maxsize=1)
def _patterns() -> dict[FactKind, re.Pattern[str]]:
    source = files(__package__).joinpath("fact_kinds.toml")
    words = tomllib.loads(source.read_text(encoding="utf-8"))
    return {kind: _pattern(words[kind].replace("|", " ").split()) for kind in FactKind}


def _pattern(beginnings: list[str]) -> re.Pattern[str]:
    words = [beginning.replace("_", " ") for beginning in beginnings]
    # Two or three letters ("mm", "xlr") must be a whole word, and may follow a figure: 42mm.
    short = [re.escape(word) for word in words if len(word) <= 3]
    long = [re.escape(word) for word in words if len(word) > 3]
    patterns = [rf"(?<!\w)(?:{'|'.join(long)})"]
    if short:
        patterns.append(rf"(?<![^\W\d])(?:{'|'.join(short)})(?!\w)")
    return re.compile("|".join(patterns), re.IGNORECASE)
