"""Every text of a locale's content with the path of its field, in the order in which they stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared.content.kinds import Section
from shared.content.sections import LocaleContent


@dataclass(frozen=True)
class TextField:
    """One text: `path` is that of the field (`purchase_decision.why_buy.0.title`)."""

    path: str
    text: str


def text_fields(content: LocaleContent) -> tuple[TextField, ...]:
    """The texts of a locale."""
    return tuple(_walk(content, ""))


def _walk(value: Any, path: str) -> Iterator[TextField]:
    if isinstance(value, str):
        yield TextField(path, value)
    elif isinstance(value, Section):
        for name in type(value).model_fields:
            yield from _walk(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, f"{path}.{index}")
