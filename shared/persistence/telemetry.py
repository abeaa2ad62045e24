"""Telemetry of records: a log line for every change of state, and metrics of ended batches.

Both are emitted by the writer whose conditional write succeeded, so each change is reported once. A log line
has its fields in the message, for hosts that keep only the message, and as attributes, for OpenTelemetry.
Metrics use the OpenTelemetry API; without an SDK, as on a local machine, they are dropped.
"""

import logging
from typing import Any

from opentelemetry import metrics
from pydantic import BaseModel

from shared.domain.batch import Batch
from shared.domain.clock import utcnow

log = logging.getLogger("instrument_content")

# Fields of a record that a log line contains, if the record has them.
_FIELDS = ("run_id", "batch_id", "import_id", "category", "openai_job_id", "waits_for", "needs_attention",
           "error_message")  # fmt: skip

_meter = metrics.get_meter("instrument_content")
_batches = _meter.create_counter("content.batches", unit="{batch}", description="batches ended, by status")
_requests = _meter.create_counter("content.requests", unit="{request}", description="requests, by outcome")
_tokens = _meter.create_counter("content.tokens", unit="{token}", description="tokens charged, by kind")
_cost = _meter.create_counter("content.cost", unit="USD", description="cost of what was charged")
_waits = _meter.create_histogram(
    "content.batch.wait", unit="s", description="how long a batch waited for quota before it was admitted"
)
_durations = _meter.create_histogram(
    "content.batch.duration", unit="s", description="from the creation of a batch's record to its end"
)


def report_change(noun: str, record_id: str, before: BaseModel, after: BaseModel) -> None:
    """Log a change of a record's state, or of what it waits for; and measure a batch that has ended."""
    was, now = _watched(before), _watched(after)
    if was == now:
        return
    fields = {name: value for name in _FIELDS if (value := getattr(after, name, None))}
    details = " ".join(f"{name}={value!r}" for name, value in fields.items() if value != record_id)
    change = now[0] if was[0] == now[0] else f"{was[0]} -> {now[0]}"
    level = logging.WARNING if now[0] == "failed" or now[2] else logging.INFO
    log.log(level, "%s %s: %s %s", noun, record_id, change, details, extra={"change": change, **fields})
    if isinstance(before, Batch) and isinstance(after, Batch):
        _measure(before, after)


def _watched(record: BaseModel) -> tuple[str, Any, Any]:
    waits, needs = getattr(record, "waits_for", None), getattr(record, "needs_attention", None)
    return str(getattr(record, "status", "")), waits, needs


def _measure(before: Batch, after: Batch) -> None:
    now = utcnow()
    if before.waits_for and before.waits_since and not after.waits_for:
        _waits.record((now - before.waits_since).total_seconds())
    if not after.status.is_terminal or before.status.is_terminal:
        return
    _batches.add(1, {"status": str(after.status)})
    _durations.record((now - after.created_at).total_seconds(), {"status": str(after.status)})
    for outcome, count in after.counts.by_outcome.items():
        _requests.add(count, {"outcome": str(outcome)})
    _tokens.add(after.prompt_tokens, {"kind": "input"})
    _tokens.add(after.completion_tokens, {"kind": "output"})
    _cost.add(after.cost)
