"""Tokens, cost and outcomes by day, from the batches that have ended."""

from collections.abc import Iterable
from datetime import date, timedelta

from pydantic import BaseModel

from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.services import Services

_DAYS = 30
_MAX_BATCHES = 1000


class DayTotals(BaseModel):
    """The totals of the batches that ended on one day (UTC). Costs are in USD."""

    day: date
    batches: int = 0
    stored: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0


def daily_totals(services: Services) -> list[DayTotals]:
    """Return the totals of the last 30 days, oldest day first, over at most the newest 1000 ended batches.

    Days on which no batch ended are missing.
    """
    since = utcnow() - timedelta(days=_DAYS)
    batches = services.batches.page(_MAX_BATCHES, keep=lambda batch: batch.status.is_terminal)
    return totals_by_day(batch for batch in batches if batch.completed_at and batch.completed_at >= since)


def totals_by_day(batches: Iterable[OpenAIBatch]) -> list[DayTotals]:
    """Sum batches by the day on which they ended, oldest day first. Open batches are ignored."""
    found: dict[date, DayTotals] = {}
    for batch in batches:
        if batch.completed_at is None:
            continue
        ended = batch.completed_at.date()
        day = found.setdefault(ended, DayTotals(day=ended))
        day.batches += 1
        day.stored += batch.counts.stored
        day.failed += batch.counts.failed
        day.prompt_tokens += batch.prompt_tokens
        day.completion_tokens += batch.completion_tokens
        day.cost = round(day.cost + batch.cost, 6)
    return [found[day] for day in sorted(found)]
