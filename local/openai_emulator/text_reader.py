# ruff: noqa: S311 - random on purpose: seeded, and nothing here is secret
"""Plays a model that checks texts: finds the lapses that the answer writer put into them.

Such a request is recognised by its response schema: an object whose only property, `findings`, is a list of
objects with `line`, `quote`, `kind`, `verdict` and `record`. Its lines are in the last user message, one
text a line: a heading `## de-DE`, then lines that begin with their number. The record is the JSON object
between `<record>` and `</record>`.
"""

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from local.openai_emulator.languages import phrases_for

_FIELDS = frozenset({"line", "quote", "kind", "verdict", "record"})
_HEADING = re.compile(r"## ([a-z]{2}-[A-Z]{2})")
_NUMBERED = re.compile(r"(\d+) (.+)")
_RECORD = re.compile(r"<record>\s*(\{.*?\})\s*</record>", re.DOTALL)

# Lapse: the kind and the verdict with which it is reported, and whether words of the record are quoted.
_REPORTED = {
    "unsupported_feature": ("feature", "unsupported", False),
    "contradiction": ("contradiction", "contradicted", True),
    "wrong_part": ("wrong_part", "contradicted", True),
    "promise": ("promise", "forbidden", False),
    "level": ("level", "forbidden", False),
    "price_talk": ("price", "forbidden", False),
}
# Words that are in no text and in no record.
_NOWHERE = "words that nobody wrote"


@dataclass(frozen=True)
class _Line:
    number: int
    locale: str
    text: str


def reads_texts(schema: Any) -> bool:
    """Whether a response schema is that of a request to check texts."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or set(properties) != {"findings"}:
        return False
    items = properties["findings"].get("items", {})
    return set(items.get("properties", {})) >= _FIELDS


def read_texts(text: str, seed: str, effects: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request to check texts; `text` is the last user message.

    Effects: `missed` is the share of lapses that are overlooked; `false_finding`, `false_quote`,
    `false_record` and `unknown_line` each add a finding that is wrong in that way.
    """
    lines = list(_lines(text))
    rng = random.Random(f"{seed}:reading")
    record_words = _record_words(text)
    findings = [
        finding
        for line in lines
        for finding in _found(line, record_words)
        if rng.random() >= effects.get("missed", 0)
    ]
    if lines:
        findings += _wrong(rng.choice(lines), max(line.number for line in lines), effects)
    return {"findings": findings}


def _lines(text: str) -> Iterator[_Line]:
    locale = ""
    for row in text.splitlines():
        heading, numbered = _HEADING.fullmatch(row), _NUMBERED.fullmatch(row)
        if heading:
            locale = heading[1]
        elif numbered and locale:
            yield _Line(int(numbered[1]), locale, numbered[2])


def _record_words(text: str) -> str:
    """Some words of the record, which a contradiction quotes: those of the product's name."""
    found = _RECORD.search(text)
    record = orjson.loads(found[1]) if found else {}
    return str(record.get("name", ""))


def _found(line: _Line, record_words: str) -> Iterator[dict[str, Any]]:
    for lapse, words in phrases_for(line.locale).lapses.items():
        if words in line.text:
            kind, verdict, quotes_record = _REPORTED[lapse]
            yield _finding(line.number, words, kind, verdict, record_words if quotes_record else "")


def _wrong(line: _Line, last: int, effects: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    quote = " ".join(line.text.split()[:3])
    if effects.get("false_finding"):
        yield _finding(line.number, quote, "feature", "unsupported")
    if effects.get("false_quote"):
        yield _finding(line.number, _NOWHERE, "feature", "unsupported")
    if effects.get("false_record"):
        yield _finding(line.number, quote, "contradiction", "contradicted", _NOWHERE)
    if effects.get("unknown_line"):
        yield _finding(last + 1000, quote, "feature", "unsupported")


def _finding(line: int, quote: str, kind: str, verdict: str, record: str = "") -> dict[str, Any]:
    return {"line": line, "quote": quote, "kind": kind, "verdict": verdict, "record": record}
