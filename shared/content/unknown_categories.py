"""Categories whose instrument family is not known: texts of their products say nothing about sound."""

from collections.abc import Mapping

from shared.content.families import Family, find_family
from shared.domain.ids import UNCATEGORISED


def is_unknown_category(category: str, name: str, mapping: Mapping[str, Family]) -> bool:
    """Whether neither the shop's mapping nor the name of a category (or its slug) gives its family."""
    return category not in mapping and find_family(name or category) is None


def unknown_category_advice(category: str, name: str) -> str:
    """What is missing, and the setting that corrects it."""
    called = f"{name!r} is of no known instrument family" if category != UNCATEGORISED else "is missing"
    return (
        f"{called}, so texts of its products say nothing about sound; "
        f"set CATEGORY_FAMILIES={category}=<family>, or other for what makes no sound"
    )
