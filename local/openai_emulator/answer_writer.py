# ruff: noqa: S311 - random on purpose: seeded, and nothing here is secret
"""Writes answers for a request's own response schema, in the requested language.

The same seed, custom_id and product give the same answer; another product gives another answer. The first
text of each locale has a mark ("[emulated]", "[emuliert]", …), so that it is not mistaken for a model's text.
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

# Deeper than strict mode's five levels. Beyond this depth, recursive schemas are ended.
_DEEP = 6
# Nine of ten optional values are filled.
_SHARE_OF_NULLS = 0.1
# Defects that a fault can put into an answer, so that quality checks have something to find.
DEFECTS = frozenset({"url", "invented_number", "review", "wrong_language", "boilerplate", "wrong_shape"})
_OTHER_LOCALE = {"de": "it-IT", "it": "de-DE", "es": "de-DE", "fr": "de-DE", "pt": "de-DE", "en": "de-DE"}


@dataclass(frozen=True)
class Subject:
    """The product of a request, found in its last user message. `quote` is a few words of its description."""

    id: str = ""
    name: str = ""
    brand: str = ""
    quote: str = ""


def locales_of(schema: Any, fallback: str) -> list[str]:
    """The locales of an answer: the root's properties, or those of a list of texts; or the fallback."""
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    named = [name for name in properties if LOCALE.match(name)]
    for child in () if named else properties.values():
        _, items = resolve(child.get("items") if isinstance(child, dict) else None, schema)
        named = _listed_locales(items)[1] or named
    return named or [fallback]


def _listed_locales(items: Any) -> tuple[str, list[str]]:
    """The property of a list's items that names a locale, and its values; empty where there is none."""
    properties = items.get("properties", {}) if isinstance(items, dict) else {}
    for name, child in properties.items():
        values = child.get("enum") if isinstance(child, dict) else None
        if values and all(isinstance(value, str) and LOCALE.match(value) for value in values):
            return name, list(values)
    return "", []


def write_json(
    schema: dict[str, Any], subject: Subject, locale: str, seed: str, defects: frozenset[str] = frozenset()
) -> Any:
    """A value that satisfies `schema`, its keys in the schema's order."""
    writer = _Writer(schema, subject, seed, defects)
    answer = writer.value(schema, "", writer.voice(locale), 0)
    if "wrong_shape" in defects and isinstance(answer, dict) and answer:
        answer["unasked"] = answer.pop(next(iter(answer)))
    return answer


def write_text(subject: Subject, locale: str, seed: str, defects: frozenset[str] = frozenset()) -> str:
    """Plain text, for a request without a response schema."""
    writer = _Writer({}, subject, seed, defects)
    return writer.text("description", "", writer.voice(locale))


class _Writer:
    def __init__(self, root: dict[str, Any], subject: Subject, seed: str, defects: frozenset[str]) -> None:
        self._root = root
        self._subject = subject
        self._seed = seed
        self._defects = defects

    def voice(self, locale: str) -> Voice:
        spoken = _OTHER_LOCALE[locale[:2]] if self._wrong(locale) else locale
        if "boilerplate" in self._defects:
            return Voice(spoken, "", "", random.Random(spoken))
        rng = random.Random(f"{self._seed}:{self._subject.name}:{locale}")
        return Voice(spoken, self._subject.name, self._subject.brand, rng)

    def _wrong(self, locale: str) -> bool:
        return "wrong_language" in self._defects and locale[:2] in _OTHER_LOCALE

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
        type_ = self._type(schema, voice, depth)
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
        return nulls[0] if nulls and voice.rng.random() < _SHARE_OF_NULLS else voice.rng.choice(values)

    def _type(self, schema: dict[str, Any], voice: Voice, depth: int) -> str:
        types = types_of(schema)
        if not types:
            return "object" if "properties" in schema else "string"
        if "null" in types and (depth > _DEEP or voice.rng.random() < _SHARE_OF_NULLS):
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
        locale_key, locales = _listed_locales(resolve(schema.get("items"), self._root)[1])
        if locales:
            return [self._text_of(schema["items"], locale_key, locale, depth) for locale in locales]
        length = items_in(description) or Length(3, 3)
        length = Length(max(length.low, schema.get("minItems", 0)), length.high)
        count = 0 if depth > _DEEP else voice.rng.randint(length.low, max(length.low, length.high))
        items = schema.get("items", {"type": "string"})
        return [self.value(items, f"{name}[]", voice, depth + 1, description) for _ in range(count)]

    def _text_of(self, schema: Any, key: str, locale: str, depth: int) -> Any:
        """One item of a list that has an item for each locale."""
        return {**self.value(schema, "", self.voice(locale), depth + 1), key: locale}

    def _scalar(self, type_: str, name: str, description: str, voice: Voice) -> Any:
        if type_ == "string":
            return self.text(name, description, voice)
        if type_ == "integer":
            return voice.rng.randint(1, 5)
        if type_ == "number":
            return round(voice.rng.uniform(1, 5), 1)
        return voice.rng.random() < 0.5 if type_ == "boolean" else None

    def text(self, name: str, description: str, voice: Voice) -> str:
        """The text of a string field. Its length follows from the description, otherwise from the name."""
        if "from the record" in description and self._subject.quote:
            return self._subject.quote
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
        parts = [voice.phrases.mark]
        if "url" in self._defects:
            parts.append("https://shop.example/buy")
        if "invented_number" in self._defects:
            parts.append(f"{voice.rng.randint(11, 99)} mm, {voice.rng.randint(11, 99)} kg.")
        if "review" in self._defects:
            parts.append(voice.phrases.review)
        return " ".join(parts) + " "


def _description(schema: Any) -> str:
    return str(schema.get("description", "")) if isinstance(schema, dict) else ""


def _recursive(root: Any, depth: int) -> frozenset[str]:
    """The pointers that an answer must no longer follow, once it is deep."""
    if depth <= _DEEP:
        return frozenset()
    names: Iterable[str] = root.get("$defs", {}) if isinstance(root, Mapping) else ()
    return frozenset({"#", *(f"#/$defs/{name}" for name in names)})
