"""Makes texts of a model or a service safe to store and display."""

import re

# All control characters except tab, line feed and carriage return.
CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def printable(text: str, max_length: int) -> str:
    """The first `max_length` characters of `text`, with U+FFFD in place of each control character."""
    return CONTROL_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text[:max_length])
