# ruff: noqa: S311 - random on purpose: seeded, and nothing here is secret
"""Answers made from a request's own response schema, in the requested language.

The same seed, custom_id and product give the same answer; two products give two answers. The first text of
each locale carries a mark ("[emulated]", "[emuliert]", …), so that nobody takes it for a model's work.
"""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local.openai_emulator.languages import LOCALE, Voice
from local.openai_emulator.strict_schema import can_end, resolve, types_of
from local.openai_emulator.wanted_lengths import (
    Length,
    characters_in,
    items_in,
    shortened,
    usual_words,
    words_in,
)

# Deeper than strict mode's five levels; past it, recursive schemas are brought to their end.
_DEEP = 6
# Sins that an answer can be told to commit, so that quality checks have something to catch.
SINS = frozenset({"url", "invented_number", "review", "wrong_language", "boilerplate", "wrong_shape"})
_OTHER_LOCALE = {"de": "it-IT", "it": "de-DE", "es": "de-DE", "fr": "de-DE", "pt": "de-DE", "en": "de-DE"}


@dataclass(frozen=True)
class Subject:
    """What a request is about: the product found in its last user message."""

    id: str = ""
    name: str = ""
    brand: str = ""


def locales_of(schema: Any, fallback: str) -> list[str]:
    """The locales an answer is written in: those among the root's properties, else the fallback."""
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    return [name for name in properties if LOCALE.match(name)] or [fallback]


def write_json(
    schema: dict[str, Any], subject: Subject, locale: str, seed: str, sins: frozenset[str] = frozenset()
) -> Any:
    """A value that satisfies `schema`, its keys in the schema's order."""
    writer = _Writer(schema, subject, seed, sins)
    answer = writer.value(schema, "", writer.voice(locale), 0)
    if "wrong_shape" in sins and isinstance(answer, dict) and answer:
        answer["unasked"] = answer.pop(next(iter(answer)))
    return answer


def write_text(subject: Subject, locale: str, seed: str, sins: frozenset[str] = frozenset()) -> str:
    """Plain text, for a request without a response schema."""
    writer = _Writer({}, subject, seed, sins)
    return writer.text("description", "", writer.voice(locale))


class _Writer:
    def __init__(self, root: dict[str, Any], subject: Subject, seed: str, sins: frozenset[str]) -> None:
        self._root = root
        self._subject = subject
        self._seed = seed
        self._sins = sins

    def voice(self, locale: str) -> Voice:
        spoken = _OTHER_LOCALE[locale[:2]] if self._wrong(locale) else locale
        if "boilerplate" in self._sins:
            return Voice(spoken, "", "", random.Random(spoken))
        rng = random.Random(f"{self._seed}:{self._subject.name}:{locale}")
        return Voice(spoken, self._subject.name, self._subject.brand, rng)

    def _wrong(self, locale: str) -> bool:
        return "wrong_language" in self._sins and locale[:2] in _OTHER_LOCALE

    def value(self, schema: Any, name: str, voice: Voice, depth: int, description: str = "") -> Any:
        description = _description(schema) or description
        _, schema = resolve(schema, self._root)
        description = description or _description(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return voice.rng.choice(schema["enum"])
        if "anyOf" in schema:
            branch = self._branch(schema["anyOf"], voice, depth)
            return self.value(branch, name, voice, depth, description)
        type_ = self._type(schema, depth)
        if type_ == "object":
            return self._object(schema, voice, depth)
        if type_ == "array":
            return self._array(schema, name, voice, depth, description)
        return self._scalar(type_, name, description, voice)

    def _branch(self, branches: list[Any], voice: Voice, depth: int) -> Any:
        nulls = [each for each in branches if isinstance(each, dict) and each.get("type") == "null"]
        if nulls and depth > _DEEP:
            return nulls[0]
        ending = [each for each in branches if can_end(each, self._root, _recursive(self._root, depth))]
        values = [each for each in (ending or branches) if each not in nulls] or branches
        # An optional field is mostly filled.
        return nulls[0] if nulls and voice.rng.random() < 0.1 else voice.rng.choice(values)

    def _type(self, schema: dict[str, Any], depth: int) -> str:
        types = types_of(schema)
        if not types:
            return "object" if "properties" in schema else "string"
        if depth > _DEEP and "null" in types:
            return "null"
        return types[0] if types[0] != "null" or len(types) == 1 else types[1]

    def _object(self, schema: dict[str, Any], voice: Voice, depth: int) -> dict[str, Any]:
        return {
            name: self.value(child, name, self.voice(name) if LOCALE.match(name) else voice, depth + 1)
            for name, child in schema.get("properties", {}).items()
        }

    def _array(
        self, schema: dict[str, Any], name: str, voice: Voice, depth: int, description: str
    ) -> list[Any]:
        length = items_in(description) or Length(3, 3)
        length = Length(max(length.low, schema.get("minItems", 0)), length.high)
        count = 0 if depth > _DEEP else voice.rng.randint(length.low, max(length.low, length.high))
        items = schema.get("items", {"type": "string"})
        return [self.value(items, f"{name}[]", voice, depth + 1, description) for _ in range(count)]

    def _scalar(self, type_: str, name: str, description: str, voice: Voice) -> Any:
        if type_ == "string":
            return self.text(name, description, voice)
        if type_ == "integer":
            return voice.rng.randint(1, 5)
        if type_ == "number":
            return round(voice.rng.uniform(1, 5), 1)
        return voice.rng.random() < 0.5 if type_ == "boolean" else None

    def text(self, name: str, description: str, voice: Voice) -> str:
        """One string field: its length from its description, else from what its name suggests."""
        prefix = self._prefix(voice)
        length = words_in(description) or usual_words(name)
        text = prefix + self._body(name, description, voice, length, len(prefix.split()))
        limit = characters_in(description)
        return text if limit is None else shortened(text, limit)

    def _body(self, name: str, description: str, voice: Voice, length: Length, taken: int) -> str:
        low, high = max(length.low - taken, 1), max(length.high - taken, 1)
        if name == "question" or "question" in description:
            return voice.question(low, high)
        if "the product's name" in description:
            return self._subject.name or voice.title(low, high)
        if name in ("title", "heading", "name"):
            return voice.title(low, high)
        return voice.phrase(low, high) if high <= 14 else voice.sentences(low, high)

    def _prefix(self, voice: Voice) -> str:
        if voice.marked:
            return ""
        voice.marked = True
        said = [voice.phrases.mark]
        if "url" in self._sins:
            said.append("https://shop.example/buy")
        if "invented_number" in self._sins:
            said.append(f"{voice.rng.randint(11, 99)} mm, {voice.rng.randint(11, 99)} kg.")
        if "review" in self._sins:
            said.append(voice.phrases.review)
        return " ".join(said) + " "


def _description(schema: Any) -> str:
    return str(schema.get("description", "")) if isinstance(schema, dict) else ""


def _recursive(root: Any, depth: int) -> frozenset[str]:
    """The pointers that are not to be followed any more, once an answer is deep."""
    if depth <= _DEEP:
        return frozenset()
    names: Iterable[str] = root.get("$defs", {}) if isinstance(root, Mapping) else ()
    return frozenset({"#", *(f"#/$defs/{name}" for name in names)})
