"""The output tokens of the longest valid answer, computed from the bounds of the content models.

The settings reject a group of locales whose longest valid answer exceeds the output tokens of a request.
Such an answer would be cut off and charged although the model made no mistake.
"""

from functools import lru_cache
from typing import Any

from shared.content.product_facts import ProductFacts
from shared.content.sections import LocaleContent

# Characters per token of o200k: a little less than measured in real answers (en 5.0, es 4.5, pt and fr 4.3,
# de 4.1, it 3.8). A test compares the estimate with the tokenizer.
_TEXT_CHARACTERS_PER_TOKEN = {"en": 4.7, "es": 4.2, "fr": 4.0, "de": 3.7, "it": 3.6, "pt": 3.9}
# The same for the JSON keys and brackets around the texts.
_JSON_CHARACTERS_PER_TOKEN = 3.5
# Quotes and commas around a value: one token for most texts, two for some.
_VALUE_TOKENS = 2
# A fact is a number or a short code.
_FACT_TOKENS = 3


@lru_cache(maxsize=64)
def worst_case_tokens(locales: tuple[str, ...], facts: bool = True) -> int:
    """Output tokens of the longest answer that validation accepts, estimated without a tokenizer."""
    text, values, syntax = _content_size()
    total = sum(
        text / _TEXT_CHARACTERS_PER_TOKEN[locale[:2]]
        + values * _VALUE_TOKENS
        + (syntax + len(locale)) / _JSON_CHARACTERS_PER_TOKEN
        for locale in locales
    )
    if facts:
        _, values, syntax = _facts_size()
        total += values * (_VALUE_TOKENS + _FACT_TOKENS) + syntax / _JSON_CHARACTERS_PER_TOKEN
    return round(total)


@lru_cache(maxsize=1)
def _content_size() -> tuple[int, int, int]:
    schema = LocaleContent.model_json_schema()
    return _largest_size(schema, schema["$defs"])


@lru_cache(maxsize=1)
def _facts_size() -> tuple[int, int, int]:
    schema = ProductFacts.model_json_schema()
    return _largest_size(schema, schema["$defs"])


def _largest_size(schema: dict[str, Any], definitions: dict[str, Any]) -> tuple[int, int, int]:
    """The most characters of text, the most values, and the most characters of keys and brackets."""
    if "$ref" in schema:
        return _largest_size(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if "oneOf" in schema:
        return max(_largest_size(branch, definitions) for branch in schema["oneOf"])
    if schema["type"] == "object":
        sizes = [_largest_size(child, definitions) for child in schema["properties"].values()]
        keys = sum(len(name) + len('"":') for name in schema["properties"])
        return sum(s[0] for s in sizes), sum(s[1] for s in sizes), sum(s[2] for s in sizes) + keys + len("{}")
    if schema["type"] == "array":
        item = _largest_size(schema["items"], definitions)
        count = schema["maxItems"]
        return item[0] * count, item[1] * count, item[2] * count + len("[]")
    return schema.get("maxLength", 0), 1, 0
