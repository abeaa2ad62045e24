"""Tokens, cost and outcomes by day, from the batches that have ended."""

from collections.abc import Iterable
from datetime import date, timedelta

from pydantic import BaseModel

from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.services import Services

DAYS = 30
_MOST_BATCHES = 1000


class Day(BaseModel):
    """One day (UTC) by when batches ended. Costs are USD."""

    day: date
    batches: int = 0
    stored: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0


def days(services: Services) -> list[Day]:
    """The days of the last thirty on which a batch ended, in order; the latest thousand batches count."""
    since = utcnow() - timedelta(days=DAYS)
    batches = services.batches.page(_MOST_BATCHES, keep=lambda batch: batch.status.is_terminal)
    return by_day(batch for batch in batches if batch.completed_at and batch.completed_at >= since)


def by_day(batches: Iterable[OpenAIBatch]) -> list[Day]:
    """Sums by the day on which batches ended."""
    found: dict[date, Day] = {}
    for batch in batches:
        if batch.completed_at is None:
            continue
        ended = batch.completed_at.date()
        day = found.setdefault(ended, Day(day=ended))
        day.batches += 1
        day.stored += batch.counts.stored
        day.failed += batch.counts.failed
        day.prompt_tokens += batch.prompt_tokens
        day.completion_tokens += batch.completion_tokens
        day.cost = round(day.cost + batch.cost, 6)
    return [found[day] for day in sorted(found)]
