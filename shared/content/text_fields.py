"""Every text of a locale's content with the path of its field, in the order in which they stand."""

from dataclasses import dataclass
from typing import Any

from shared.content.sections import LocaleContent
from shared.content.text_kinds import Section


@dataclass(frozen=True)
class TextField:
    """One text: `path` is that of the field (`purchase_decision.why_buy.0.title`)."""

    path: str
    text: str


def text_fields(content: LocaleContent) -> tuple[TextField, ...]:
    """The texts of a locale."""
    found: list[TextField] = []
    _collect(content, "", found)
    return tuple(found)


def _collect(value: Any, path: str, found: list[TextField]) -> None:
    if isinstance(value, str):
        found.append(TextField(path, value))
    elif isinstance(value, Section):
        # A model keeps its fields in their order.
        for name, each in value.__dict__.items():
            _collect(each, f"{path}.{name}" if path else name, found)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _collect(item, f"{path}.{index}", found)
