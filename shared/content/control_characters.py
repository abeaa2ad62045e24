"""Texts that come from a model or a service, made fit to be stored and shown."""

import re

# What a table, a log or a page cannot show: all control characters but tab and line ends.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def shown(text: str, most: int) -> str:
    """`text` without control characters, and no longer than `most`."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text[:most])
