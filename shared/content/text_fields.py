"""The texts of a locale's content, each with the path of its field, in the order of the fields."""

from dataclasses import dataclass
from typing import Any

from shared.content.sections import LocaleContent
from shared.content.text_types import Section


@dataclass(frozen=True)
class TextField:
    """One text. `path` is the path of its field, such as `purchase_decision.why_buy.0.title`."""

    path: str
    text: str


def text_fields(content: LocaleContent) -> tuple[TextField, ...]:
    """All texts of a locale's content."""
    fields: list[TextField] = []
    _collect(content, "", fields)
    return tuple(fields)


def _collect(value: Any, path: str, fields: list[TextField]) -> None:
    if isinstance(value, str):
        fields.append(TextField(path, value))
    elif isinstance(value, Section):
        # `__dict__` of a pydantic model has the fields in the order of their definition.
        for name, child in value.__dict__.items():
            _collect(child, f"{path}.{name}" if path else name, fields)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _collect(item, f"{path}.{index}", fields)
    elif isinstance(value, dict):
        for name, item in value.items():
            _collect(item, f"{path}.{name}", fields)
