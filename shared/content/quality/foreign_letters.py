"""Letters of other scripts, which look like Latin ones or are none: no text of a locale needs them."""

import re
from collections.abc import Iterator

from shared.content.look_alikes import FOREIGN_LETTERS
from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.pattern_search import SearchPattern

RULE = "foreign_letters"
_ADVICE = "write it with the letters of the language; some of these only look like them"

_FOREIGN = SearchPattern(re.compile(rf"\w*[{FOREIGN_LETTERS}]\w*"))


def patterns(_: str) -> tuple[SearchPattern, ...]:
    return (_FOREIGN,)


def check(context: CheckContext) -> Iterator[Finding]:
    """Every word with such a letter that is not in the record."""
    for field, match in context.find(_FOREIGN):
        if match[0] not in context.source.text:
            yield finding_at(RULE, Severity.ERROR, field.path, field.text, match.span(), _ADVICE)
