"""Decides by cost whether the last requests of a run are sent online, at a higher price, or wait."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from shared.batching.estimate import Calibration, calibrate, calibrate_from, latest_ended_batches
from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch
from shared.domain.run import Stragglers
from shared.domain.states import BatchStatus, JobStatus
from shared.domain.wait_reason import WaitReason
from shared.openai_batch.request_lines import RequestLines
from shared.services import Services

# Azure's target for a batch. Used as the expected wait until batches have ended.
_COMPLETION_WINDOW = timedelta(hours=24)
# Kinds of waits of a batch whose job cannot be asked about.
_NOT_ASKED = (WaitReason.ACCESS, WaitReason.BACK_OFF)


@dataclass(frozen=True)
class Costs:
    """Expected costs of some requests in USD: in one more batch, and by online calls."""

    batch: float
    online: float


def decide(settings: Settings, requests: int, costs: Costs, wait: timedelta) -> Stragglers:
    """Decide for online calls if the requests are few and their extra cost is below the cost of the wait.

    `wait` is how long the requests are expected to wait otherwise. Each hour of it costs WAIT_COST_PER_HOUR.
    """
    hours = wait.total_seconds() / 3600
    extra, wait_cost = costs.online - costs.batch, hours * settings.wait_cost_per_hour
    figures = f"online costs {extra:.4f} USD more, and waiting {hours:.1f} hours costs {wait_cost:.4f} USD"
    if requests > settings.straggler_max_requests:
        limit = f"STRAGGLER_MAX_REQUESTS={settings.straggler_max_requests}"
        online, reason = False, f"more than {limit} requests are left"
    elif not requests:
        online, reason = False, "every request is answered"
    elif extra >= wait_cost:
        online, reason = False, f"waiting is not more expensive: {figures}"
    else:
        online, reason = True, f"waiting is more expensive: {figures}"
    return Stragglers(
        requests=requests,
        online=online,
        reason=reason,
        batch_cost=round(costs.batch, 6),
        online_cost=round(costs.online, 6),
        wait_hours=round(hours, 3),
        wait_cost=round(wait_cost, 6),
    )


def expected_wait(ended: Iterable[OpenAIBatch]) -> timedelta:
    """Return the expected time from submitting a batch to its end: the median of the batches in `ended`.

    Only batches whose job completed or expired count. Without any, it is Azure's target of 24 hours.
    """
    waits = [
        (batch.completed_at - batch.submitted_at).total_seconds()
        for batch in ended
        if not batch.is_online
        and batch.job_status in (JobStatus.COMPLETED, JobStatus.EXPIRED)
        and batch.submitted_at
        and batch.completed_at
    ]
    return timedelta(seconds=median(waits)) if waits else _COMPLETION_WINDOW


def stalled_duration(batches: Sequence[OpenAIBatch], now: datetime) -> timedelta:
    """Return for how long no job of these batches has made progress.

    It is zero when there is no batch, when one of the batches has no running job, or when Azure could not be
    asked about one: its job may well have made progress.
    """
    if not batches or any(
        batch.status != BatchStatus.IN_PROGRESS
        or batch.progress_at is None
        or batch.cancel_requested_at
        or batch.wait_kind in _NOT_ASKED
        for batch in batches
    ):
        return timedelta()
    return now - max(batch.progress_at for batch in batches if batch.progress_at)


def decide_for_lines(services: Services, lines: Sequence[RequestLines]) -> Stragglers:
    """Decide whether these request lines are sent online or in one more batch."""
    requests, tokens = sum(line.requests for line in lines), sum(line.tokens for line in lines)
    ended = latest_ended_batches(services)
    output = sum(line.usual_output_tokens for line in lines)
    costs = _expected_costs(services.settings, calibrate_from(ended), tokens, output)
    return decide(services.settings, requests, costs, expected_wait(ended))


def remaining_requests(batches: Iterable[OpenAIBatch]) -> int:
    """Return the number of requests in these batches that failed or are not answered yet."""
    return sum(
        batch.counts.failed if batch.status.is_terminal else batch.request_count - batch.requests_done
        for batch in batches
    )


def decide_for_stalled_jobs(
    services: Services, batches: Sequence[OpenAIBatch], stalled_for: timedelta
) -> Stragglers:
    """Decide whether the remaining requests of a run are sent online or wait for its stalled jobs.

    `batches` are all batches of the run. Nothing tells when the jobs will continue, so they are expected to
    stall for `stalled_for` once more.
    """
    remaining, sent = remaining_requests(batches), sum(batch.request_count for batch in batches)
    tokens = sum(batch.input_tokens_estimate for batch in batches) * remaining / sent
    output = sum(batch.output_tokens_estimate for batch in batches) * remaining / sent
    costs = _expected_costs(services.settings, calibrate(services), tokens, output)
    return decide(services.settings, remaining, costs, stalled_for)


def _expected_costs(settings: Settings, calibration: Calibration, tokens: float, output: float) -> Costs:
    """Return the costs of counted input and estimated output tokens, by the figures of ended batches."""
    prompt, completion = tokens * calibration.input_ratio, output * calibration.output_ratio
    online = settings.for_online_calls()
    return Costs(
        settings.cost_of(round(prompt), round(completion)), online.cost_of(round(prompt), round(completion))
    )
