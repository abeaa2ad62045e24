"""Counts the products of a category from a few properties of their rows, one row at a time."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

import orjson
from pydantic import BaseModel, Field

from shared.domain.outcome import Outcome
from shared.domain.states import ProductStatus

_SAMPLE_LENGTH = 400


class Failure(BaseModel):
    """One cause of missing texts. A product with several causes is counted under each."""

    outcome: Outcome
    products: int = Field(default=0, description="products that lack a text for this cause")
    given_up: int = Field(default=0, description="how many of them are not tried again automatically")
    locales: dict[str, int] = Field(
        default_factory=dict, description="texts that are missing for this cause, by locale or `facts`"
    )
    sample_id: str = Field(default="", description="id of a product that lacks a text for this cause")
    sample: str = Field(default="", description="error message of that product")


def score_band(score: int) -> int:
    """The lower end of the band, five points wide, that a score is counted in. 100 is a band of its own."""
    return score // 5 * 5


@dataclass
class CategoryCounts:
    """The counts of the rows added so far. Memory does not grow with the number of rows."""

    PROPERTIES: ClassVar[tuple[str, ...]] = (
        "RowKey",
        "openai_processing_status",
        "discontinued_at",
        "attempts",
        "due_at",
        "standing",
        "openai_error_message",
        "scores",
    )

    by_status: Counter[ProductStatus] = field(default_factory=Counter)
    discontinued: int = 0
    stored: Counter[str] = field(default_factory=Counter)
    backing_off: int = 0
    next_due: datetime | None = None
    failures: dict[Outcome, Failure] = field(default_factory=dict)
    scores: Counter[int] = field(default_factory=Counter)

    def add(self, row: Mapping[str, Any]) -> None:
        """Count one product's row.

        Raises:
            ValueError, KeyError, TypeError: when the row cannot be read. Nothing of it is counted then.
        """
        if row.get("discontinued_at"):
            self.discontinued += 1
            return
        status = ProductStatus(row["openai_processing_status"])
        latest_outcomes: dict[str, str] = orjson.loads(row.get("standing") or "{}")
        standing = {part: Outcome(latest) for part, latest in latest_outcomes.items()}
        scores: dict[str, int] = orjson.loads(row.get("scores") or "{}")
        bands = [score_band(score) for score in scores.values()]
        stored = [locale for locale, outcome in standing.items() if outcome == Outcome.STORED]
        self.by_status[status] += 1
        self.stored.update(stored)
        self.scores.update(bands)
        has_failed = status == ProductStatus.FAILED or bool(row.get("attempts"))
        if len(stored) == len(standing) or status == ProductStatus.PROCESSING or not has_failed:
            return
        if status == ProductStatus.PENDING:
            self._back_off(row.get("due_at"))
        for outcome in {latest for latest in standing.values() if latest != Outcome.STORED}:
            self._fail(outcome, row, standing, given_up=status == ProductStatus.FAILED)

    def _back_off(self, due_at: datetime | str | None) -> None:
        if isinstance(due_at, datetime):
            self.backing_off += 1
            self.next_due = min(filter(None, (self.next_due, due_at)))

    def _fail(
        self, outcome: Outcome, row: Mapping[str, Any], standing: Mapping[str, Outcome], given_up: bool
    ) -> None:
        failure = self.failures.setdefault(outcome, Failure(outcome=outcome))
        failure.products += 1
        failure.given_up += given_up
        for locale, latest in standing.items():
            if latest == outcome:
                failure.locales[locale] = failure.locales.get(locale, 0) + 1
        if not failure.sample_id:
            failure.sample_id = row["RowKey"]
            failure.sample = (row.get("openai_error_message") or "")[:_SAMPLE_LENGTH]
