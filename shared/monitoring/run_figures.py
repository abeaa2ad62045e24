"""A run's record, brought up to date from the records of its batches."""

import logging
from collections.abc import Sequence
from typing import Any

from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.outcome import Outcome, OutcomeCounts
from shared.domain.run import NIGHTLY, Run
from shared.domain.states import BatchStatus, RunStatus
from shared.monitoring.notifications import notify
from shared.services import Services


def open_batches(run: Run, batches: Sequence[OpenAIBatch]) -> list[OpenAIBatch]:
    """The batches that the run still waits for."""
    # A run that does not submit ends when its batches are created.
    at_rest = set() if run.submit else {BatchStatus.CREATED}
    return [batch for batch in batches if not batch.status.is_terminal and batch.status not in at_rest]


def update_run(services: Services, run_id: str, batches: Sequence[OpenAIBatch]) -> Run:
    """Store the run's figures, and its final status when no batch is open. Returns the run as stored.

    A nightly run that ended otherwise than `completed` is reported to NOTIFICATION_URL, once.

    Raises:
        NotFound: when there is no such run.
    """
    after = services.runs.modify(
        run_id,
        lambda run: run if run.status.is_terminal else run.model_copy(update=_figures(run, batches)),
    )
    if after.status.is_terminal:
        _notify(services, after)
        logging.info("run %s ended: %s, %d batches", run_id, after.status, after.batch_count)
    return after


def _notify(services: Services, run: Run) -> None:
    """Report a nightly run that failed or met a cap: no person watches it."""
    if run.trigger != NIGHTLY or run.status == RunStatus.COMPLETED or run.notified:
        return
    message = run.error_message or run.capped or "Some of its batches failed; their records say why."
    if notify(services.settings, f"nightly_run_{run.status}", message, run_id=run.run_id):
        services.runs.modify(run.run_id, lambda current: current.model_copy(update={"notified": True}))


def _figures(run: Run, batches: Sequence[OpenAIBatch]) -> dict[str, Any]:
    still_open = open_batches(run, batches)
    figures: dict[str, Any] = {
        "restarts": 0,  # reaching this line proves that its orchestration works
        "batch_count": sum(1 for batch in batches if batch.product_count),
        "batches_open": len(still_open),
        # An online round asks for products of the batches before it: they are counted once.
        "product_count": sum(batch.product_count for batch in batches if not batch.is_online),
        "request_count": sum(batch.request_count for batch in batches),
        "requests_done": sum(batch.requests_done for batch in batches),
        "counts": _sum_counts(batches),
        "prompt_tokens": sum(batch.prompt_tokens for batch in batches),
        "completion_tokens": sum(batch.completion_tokens for batch in batches),
        "cost": round(sum(batch.cost for batch in batches), 6),
    }
    if run.status == RunStatus.RUNNING and not still_open:
        failed = any(batch.status == BatchStatus.FAILED for batch in batches) or run.error_message
        ended = RunStatus.CAPPED if run.capped else RunStatus.COMPLETED
        figures["status"] = RunStatus.FAILED if failed else ended
        figures["completed_at"] = utcnow()
    return figures


def _sum_counts(batches: Sequence[OpenAIBatch]) -> OutcomeCounts:
    by_outcome: dict[Outcome, int] = {}
    for batch in batches:
        for outcome, count in batch.counts.by_outcome.items():
            by_outcome[outcome] = by_outcome.get(outcome, 0) + count
    return OutcomeCounts(
        by_outcome=by_outcome,
        locales=sum(batch.counts.locales for batch in batches),
        doubled=sum(batch.counts.doubled for batch in batches),
        unknown=sum(batch.counts.unknown for batch in batches),
        without_usage=sum(batch.counts.without_usage for batch in batches),
    )
