"""Markup, entities, emoji and invisible characters. Texts must be plain text."""

import re
from collections.abc import Iterator

from shared.content.invisible_characters import INVISIBLE
from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.pattern_search import SearchPattern

RULE = "markup"
_ADVICE = "plain text only: no tags, Markdown, entities, emoji or control characters"

_MARKUP = SearchPattern(
    re.compile(
        r"<[/!?]?[a-zA-Z][^<>]{0,200}>?|<!--|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]{2,8});"
        r"|\*\*|__\w|(?<!\w)\*\w[^*\n]*\w\*(?!\w)|`+[^`\n]+`|^\s{0,3}#{1,6}\s|!?\[[^\]\n]*\]\([^)\n]*\)"
        r"|^\s*(?:[-*•]|\d{1,2}[.)])\s+\S|\\[nrtu\"]|\{\{|\}\}|<\|"
        rf"|[{INVISIBLE}\ufffd]"
        r"|[\U0001f000-\U0001faff\u2600-\u2603\u2614-\u265f\u2670-\u27bf]",
        re.MULTILINE,
    )
)


def patterns(_: str) -> tuple[SearchPattern, ...]:
    return (_MARKUP,)


def check(context: CheckContext) -> Iterator[Finding]:
    """Every part of the texts that is not plain text."""
    for field, match in context.find(_MARKUP):
        yield finding_at(RULE, Severity.ERROR, field.path, field.text, match.span(), _ADVICE)
