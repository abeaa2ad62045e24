"""The output tokens of the longest valid answer, computed from the bounds of its form.

A request has as many locales as the longest valid answer leaves room for. With more, an answer would be cut
off and charged although the model made no mistake.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import ceil
from typing import Any

from shared.content.answer_form import locale_form
from shared.content.content_parts import SOUND_TEXTS
from shared.content.planning import fullest_plan
from shared.content.product_facts import FactsAnswer
from shared.domain.content_plan import ContentPlan, Depth

# Characters per token of o200k: a little less than measured in real answers (en 5.0, es 4.5, pt and fr 4.3,
# de 4.1, it 3.8). A test compares the estimate with the tokenizer.
_TEXT_CHARACTERS_PER_TOKEN = {"en": 4.7, "es": 4.2, "fr": 4.0, "de": 3.7, "it": 3.6, "pt": 3.9}
# The same for the JSON keys and brackets around the texts.
_JSON_CHARACTERS_PER_TOKEN = 3.5
# Quotes and commas around a value: one token for most texts, two for some.
_VALUE_TOKENS = 2
# The share of the longest valid answer that a usual answer has (measured: docs/content.md).
_USUAL_SHARE = 0.32
# `{"facts":…,"texts":[…]}`, and the name of each locale.
_FRAME_TOKENS = 12
_LOCALE_TOKENS = 8


def worst_case_tokens(locales: Sequence[str], plan: ContentPlan, facts: bool = True) -> int:
    """Output tokens of the longest answer that validation accepts, estimated without a tokenizer."""
    return _worst_case_tokens(tuple(locales), plan.depth, plan.parts, facts)


@lru_cache(maxsize=4096)
def _worst_case_tokens(locales: tuple[str, ...], depth: Depth, parts: tuple[str, ...], facts: bool) -> int:
    plan = ContentPlan(depth=depth, family="", facts=0, parts=parts)
    sizes = [(_TEXT_CHARACTERS_PER_TOKEN[locale[:2]], *_size_of(locale_form(plan))) for locale in locales]
    if facts:
        sizes.append((_JSON_CHARACTERS_PER_TOKEN, *_size_of(FactsAnswer)))
    total = sum(
        text / characters + values * _VALUE_TOKENS + syntax / _JSON_CHARACTERS_PER_TOKEN + _LOCALE_TOKENS
        for characters, text, values, syntax in sizes
    )
    return round(total) + _FRAME_TOKENS


def usual_tokens(locales: Sequence[str], plan: ContentPlan, facts: bool = True) -> int:
    """Output tokens of a usual answer, until batches have ended from which can be learned."""
    return round(worst_case_tokens(locales, plan, facts) * _USUAL_SHARE)


def locales_that_fit(locales: Sequence[str], plan: ContentPlan, max_tokens: int) -> int:
    """How many of `locales` share a request: as few requests as fit, with about as many locales each."""
    for requests in range(1, len(locales) + 1):
        size = ceil(len(locales) / requests)
        groups = [locales[start : start + size] for start in range(0, len(locales), size)]
        if all(worst_case_tokens(group, plan) <= max_tokens for group in groups):
            return size
    return 1


@lru_cache(maxsize=1)
def longest_plan() -> ContentPlan:
    """The plan with the longest answer of all."""
    plans = [fullest_plan(family) for family in SOUND_TEXTS]
    return max(plans, key=lambda plan: worst_case_tokens(("it-IT",), plan))


@lru_cache(maxsize=1024)
def _size_of(model: Any) -> tuple[int, int, int]:
    schema = model.model_json_schema()
    return _largest_size(schema, schema.get("$defs", {}))


def _largest_size(schema: dict[str, Any], definitions: dict[str, Any]) -> tuple[int, int, int]:
    """The most characters of text, the most values, and the most characters of keys and brackets."""
    if "$ref" in schema:
        return _largest_size(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if "anyOf" in schema:
        return max(_largest_size(branch, definitions) for branch in schema["anyOf"])
    if schema["type"] == "object":
        sizes = [_largest_size(child, definitions) for child in schema["properties"].values()]
        keys = sum(len(name) + len('"":') for name in schema["properties"])
        return sum(s[0] for s in sizes), sum(s[1] for s in sizes), sum(s[2] for s in sizes) + keys + len("{}")
    if schema["type"] == "array":
        item = _largest_size(schema["items"], definitions)
        count = schema["maxItems"]
        return item[0] * count, item[1] * count, item[2] * count + len("[]")
    return max(schema.get("maxLength", 0), *map(len, schema.get("enum", [""])), 0), 1, 0
