"""The most output tokens that an answer can take, from the bounds of the content models.

Settings refuse a group of locales whose longest valid answer does not fit into a request's output tokens:
such a request could be cut off and paid for without a fault of the model.
"""

from functools import lru_cache
from typing import Any

from shared.content.product_facts import ProductFacts
from shared.content.sections import LocaleContent

# Characters a token of o200k, a little below what was measured on real answers (en 5.0, es 4.5, pt and
# fr 4.3, de 4.1, it 3.8), and for the JSON around the texts. A test holds them against the tokenizer.
_TEXT = {"en": 4.7, "es": 4.2, "fr": 4.0, "de": 3.7, "it": 3.6, "pt": 3.9}
_JSON = 3.5
# Quotes and commas around a value, one token in most texts and two in some.
_VALUE_TOKENS = 2


@lru_cache(maxsize=64)
def worst_case_tokens(locales: tuple[str, ...], facts: bool = True) -> int:
    """Output tokens of the longest answer that validation lets through, estimated without a tokenizer."""
    texts, values, framing = _content()
    total = sum(
        texts / _TEXT[locale[:2]] + values * _VALUE_TOKENS + (framing + len(locale)) / _JSON
        for locale in locales
    )
    if facts:
        _, values, framing = _facts()
        # A fact is a number or a short code.
        total += values * (_VALUE_TOKENS + 3) + framing / _JSON
    return round(total)


@lru_cache(maxsize=1)
def _content() -> tuple[int, int, int]:
    schema = LocaleContent.model_json_schema()
    return _measure(schema, schema["$defs"])


@lru_cache(maxsize=1)
def _facts() -> tuple[int, int, int]:
    schema = ProductFacts.model_json_schema()
    return _measure(schema, schema["$defs"])


def _measure(schema: dict[str, Any], definitions: dict[str, Any]) -> tuple[int, int, int]:
    """Characters of texts, values, and characters of keys and brackets, each at its most."""
    if "$ref" in schema:
        return _measure(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if "oneOf" in schema:
        return max(_measure(branch, definitions) for branch in schema["oneOf"])
    if schema["type"] == "object":
        inner = [_measure(child, definitions) for child in schema["properties"].values()]
        keys = sum(len(name) + len('"":') for name in schema["properties"])
        return sum(i[0] for i in inner), sum(i[1] for i in inner), sum(i[2] for i in inner) + keys + len("{}")
    if schema["type"] == "array":
        one = _measure(schema["items"], definitions)
        most = schema["maxItems"]
        return one[0] * most, one[1] * most, one[2] * most + len("[]")
    return schema.get("maxLength", 0), 1, 0
