"""Lengths: each field should have the requested length, and each locale the length of the first one."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from shared.content.locales import LOCALES
from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.pattern_search import SearchPattern
from shared.content.sections import META_DESCRIPTION_CHARACTERS, SEO_TITLE_CHARACTERS, LocaleContent

LENGTH_RULE = "length"
SEO_RULE = "seo_length"
FULLNESS_RULE = "less_full_than_first"
EMPTY_RULE = "placeholder"

_SEO = {
    "basic_info.seo_title": SEO_TITLE_CHARACTERS,
    "basic_info.meta_description": META_DESCRIPTION_CHARACTERS,
}
_WORDS = re.compile(r"(\d{1,4}) to (\d{1,4}) words")
# The shares of the requested range within which a length is accepted. Languages differ, and a good short
# sentence is better than padding.
_MIN_SHARE = 0.6
_MAX_SHARE = 1.4
# The length of a field is checked only if at least this many words were requested.
_MIN_CHECKED_WORDS = 12
_PLACEHOLDER = SearchPattern(
    re.compile(
        r"^(?:n/?a|null|none|string|undefined|no data|not (?:available|specified)|[\W_]*)\.?$"
        r"|\b(?:lorem ipsum|placeholder)\b"
        # Only in capitals: "todo" is a word in Spanish and Portuguese.
        r"|\b(?-i:TODO|TBD)\b",
        re.IGNORECASE,
    )
)


def patterns(_: str) -> tuple[SearchPattern, ...]:
    return (_PLACEHOLDER,)


def check(context: CheckContext) -> Iterator[Finding]:
    """Fields far outside their range, placeholders, and a locale much shorter than the first one."""
    ranges = _ranges()
    empty = {field.path for field, _ in context.find(_PLACEHOLDER)}
    for field in context.fields:
        limit = _SEO.get(field.path)
        if limit and len(field.text) > limit:
            advice = f"at most {limit} characters; search engines cut it there"
            span = (limit, len(field.text))
            yield finding_at(SEO_RULE, Severity.WARNING, field.path, field.text, span, advice)
        if field.path in empty:
            advice = "write the text; this says nothing"
            yield finding_at(EMPTY_RULE, Severity.ERROR, field.path, field.text, (0, len(field.text)), advice)
            continue
        low, high = ranges.get(_without_index(field.path), (0, 0))
        count = len(context.texts.words[field.path]) if low >= _MIN_CHECKED_WORDS else low
        if not low * _MIN_SHARE <= count <= max(high, low) * _MAX_SHARE:
            advice = f"{low} to {high} words were asked for, these are {count}"
            span = (0, len(field.text))
            yield finding_at(LENGTH_RULE, Severity.WARNING, field.path, field.text, span, advice)
    yield from _short_locale(context)


@lru_cache(maxsize=256)
def _without_index(path: str) -> str:
    return re.sub(r"\.\d+", "", path)


def _short_locale(context: CheckContext) -> Iterator[Finding]:
    first = next((locale for locale in LOCALES if locale in context.siblings), None)
    # Later locales are compared with the first one, which is compared with none.
    if first is None or LOCALES.index(context.locale) < LOCALES.index(first):
        return
    share = context.texts.characters / max(context.siblings[first].characters, 1)
    if share < context.limits.fullness_warning:
        severity = Severity.ERROR if share < context.limits.fullness_error else Severity.WARNING
        advice = f"as full as {first}, please; it has {share:.0%} of its length"
        yield Finding(rule=FULLNESS_RULE, severity=severity, field="", advice=advice)


@lru_cache(maxsize=1)
def _ranges() -> dict[str, tuple[int, int]]:
    """The requested words of each field, read from the descriptions in the response schema."""
    schema = LocaleContent.model_json_schema()
    return dict(_ranges_in(schema, schema["$defs"], ""))


def _ranges_in(
    node: dict[str, Any], definitions: dict[str, Any], path: str
) -> Iterator[tuple[str, tuple[int, int]]]:
    requested = _WORDS.search(node.get("description", ""))
    if requested:
        yield path, (int(requested[1]), int(requested[2]))
    if "$ref" in node:
        yield from _ranges_in(definitions[node["$ref"].rsplit("/", 1)[1]], definitions, path)
    for branch in node.get("oneOf", []):
        yield from _ranges_in(branch, definitions, path)
    if "items" in node:
        yield from _ranges_in(node["items"], definitions, path)
    for name, child in node.get("properties", {}).items():
        yield from _ranges_in(child, definitions, f"{path}.{name}".strip("."))
