"""Coverage and length: each field as long as it was asked for, and each locale as full as the first."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from shared.content.locales import LOCALES
from shared.content.quality.check_case import Case
from shared.content.quality.findings import Finding, Severity, found
from shared.content.quality.prefilter import Spotter
from shared.content.sections import META_DESCRIPTION_CHARACTERS, SEO_TITLE_CHARACTERS, LocaleContent

LENGTH_RULE = "length"
SEO_RULE = "seo_length"
FULLNESS_RULE = "less_full_than_first"
EMPTY_RULE = "placeholder"

_SEO = {
    "basic_info.seo_title": SEO_TITLE_CHARACTERS,
    "basic_info.meta_description": META_DESCRIPTION_CHARACTERS,
}
_WORDS = re.compile(r"(\d+) to (\d+) words")
# A text may miss its range by so much; languages differ, and a good short sentence is better than padding.
_TOO_SHORT = 0.6
_TOO_LONG = 1.4
_SHORTEST_RANGE = 12
_PLACEHOLDER = Spotter(
    re.compile(
        r"^(?:n/?a|null|none|string|undefined|no data|not (?:available|specified)|[\W_]*)\.?$"
        r"|\b(?:lorem ipsum|placeholder)\b"
        # In capitals alone: "sobre todo" is Spanish and Portuguese.
        r"|\b(?-i:TODO|TBD)\b",
        re.IGNORECASE,
    )
)


def spotters(_: str) -> tuple[Spotter, ...]:
    return (_PLACEHOLDER,)


def check(case: Case) -> Iterator[Finding]:
    """Fields far out of their range, placeholders, and a locale that was cut short."""
    ranges = _ranges()
    empty = {field.path for field, _ in case.find(_PLACEHOLDER)}
    for field in case.fields:
        limit = _SEO.get(field.path)
        if limit and len(field.text) > limit:
            advice = f"at most {limit} characters; search engines cut it there"
            span = (limit, len(field.text))
            yield found(SEO_RULE, Severity.WARNING, field.path, field.text, span, advice)
        if field.path in empty:
            advice = "write the text; this says nothing"
            yield found(EMPTY_RULE, Severity.ERROR, field.path, field.text, (0, len(field.text)), advice)
            continue
        low, high = ranges.get(_without_index(field.path), (0, 0))
        count = len(case.texts.words[field.path]) if low >= _SHORTEST_RANGE else low
        if not low * _TOO_SHORT <= count <= max(high, low) * _TOO_LONG:
            advice = f"{low} to {high} words were asked for, these are {count}"
            yield found(LENGTH_RULE, Severity.WARNING, field.path, field.text, (0, len(field.text)), advice)
    yield from _fullness(case)


@lru_cache(maxsize=256)
def _without_index(path: str) -> str:
    return re.sub(r"\.\d+", "", path)


def _fullness(case: Case) -> Iterator[Finding]:
    first = next((locale for locale in LOCALES if locale in case.siblings), None)
    # The first locale is the measure of the later ones and has none itself.
    if first is None or LOCALES.index(case.locale) < LOCALES.index(first):
        return
    share = case.texts.characters / max(case.siblings[first].characters, 1)
    if share < case.limits.fullness_warning:
        severity = Severity.ERROR if share < case.limits.fullness_error else Severity.WARNING
        advice = f"as full as {first}, please; it has {share:.0%} of its length"
        yield Finding(rule=FULLNESS_RULE, severity=severity, field="", advice=advice)


@lru_cache(maxsize=1)
def _ranges() -> dict[str, tuple[int, int]]:
    """Words asked for by field, read from the descriptions that the model is given."""
    schema = LocaleContent.model_json_schema()
    return dict(_ranges_in(schema, schema["$defs"], ""))


def _ranges_in(
    node: dict[str, Any], definitions: dict[str, Any], path: str
) -> Iterator[tuple[str, tuple[int, int]]]:
    asked = _WORDS.search(node.get("description", ""))
    if asked:
        yield path, (int(asked[1]), int(asked[2]))
    if "$ref" in node:
        yield from _ranges_in(definitions[node["$ref"].rsplit("/", 1)[1]], definitions, path)
    for branch in node.get("oneOf", []):
        yield from _ranges_in(branch, definitions, path)
    if "items" in node:
        yield from _ranges_in(node["items"], definitions, path)
    for name, child in node.get("properties", {}).items():
        yield from _ranges_in(child, definitions, f"{path}.{name}".strip("."))
