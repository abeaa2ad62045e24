"""The query of a list of batches: page, order, and the `$filter` of preview api-versions.

Source: learn.microsoft.com, "List batch": `$filter=created_at gt 1728773533 and created_at lt 1729032733
and status eq 'Completed'`, `$orderby=created_at asc`.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.openai_emulator.job_requests import invalid

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_TERM = re.compile(r"\s*(status|created_at)\s+(eq|ne|gt|ge|lt|le)\s+(?:'([^']*)'|(\d+))\s*")


@dataclass(frozen=True)
class Term:
    """One comparison of a filter."""

    field: str
    operator: str
    value: str | int

    def holds(self, batch: dict[str, Any]) -> bool:
        """Whether the comparison is true for a batch object."""
        found = batch[self.field]
        return _OPERATORS[self.operator](found.lower() if isinstance(found, str) else found, self.value)


@dataclass(frozen=True)
class ListQuery:
    """A page of the list of batches, by default newest first. All `terms` must be true."""

    limit: int = 20
    after: str | None = None
    ascending: bool = False
    terms: tuple[Term, ...] = ()


def read_order(text: str) -> bool:
    """Whether `$orderby` sorts the oldest first.

    Raises:
        Refusal: when it is not valid.
    """
    found = re.fullmatch(r"\s*created_at(?:\s+(asc|desc))?\s*", text)
    if not found:
        raise invalid(f"Invalid $orderby: '{text}'.")
    return found[1] != "desc"


def read_filter(text: str) -> tuple[Term, ...]:
    """The terms of a `$filter`.

    Raises:
        Refusal: when it is not valid.
    """
    return tuple(_term(part) for part in re.split(r"\band\b", text))


def _term(text: str) -> Term:
    found = _TERM.fullmatch(text)
    if not found or (found[1] == "status") != (found[3] is not None):
        raise invalid(f"Invalid $filter: '{text.strip()}'.")
    return Term(found[1], found[2], found[3].lower() if found[4] is None else int(found[4]))
