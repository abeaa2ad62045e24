"""Whether the last few requests of a run are asked online, at twice the price, or waited for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from shared.batching.estimate import Experience, latest_ended, learn, learn_from
from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch
from shared.domain.run import Stragglers
from shared.domain.states import BatchStatus
from shared.openai_batch.request_lines import RequestLines
from shared.services import Services

# Azure's target for a batch, until batches have ended.
_COMPLETION_WINDOW = timedelta(hours=24)


@dataclass(frozen=True)
class Costs:
    """What some requests are expected to cost, in USD: in one more batch, and online."""

    batch: float
    online: float


def decide(settings: Settings, requests: int, costs: Costs, wait: timedelta) -> Stragglers:
    """Online where there are few enough, and the extra costs less than so long a wait."""
    hours = wait.total_seconds() / 3600
    extra, wait_cost = costs.online - costs.batch, hours * settings.wait_cost_per_hour
    figures = f"online costs {extra:.4f} USD more, and waiting {hours:.1f} hours {wait_cost:.4f} USD"
    if requests > settings.straggler_max_requests:
        online, reason = False, f"more than STRAGGLER_MAX_REQUESTS={settings.straggler_max_requests} are left"
    elif not requests:
        online, reason = False, "every request is answered"
    elif extra >= wait_cost:
        online, reason = False, f"the wait is no dearer: {figures}"
    else:
        online, reason = True, f"the wait is dearer: {figures}"
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
    """How long one more batch takes from submitting to stored: the median of those that have ended."""
    waits = [
        (batch.completed_at - batch.submitted_at).total_seconds()
        for batch in ended
        if not batch.is_online
        and batch.job_status in ("completed", "expired")
        and batch.submitted_at
        and batch.completed_at
    ]
    return timedelta(seconds=median(waits)) if waits else _COMPLETION_WINDOW


def standstill(batches: Sequence[OpenAIBatch], now: datetime) -> timedelta:
    """How long none of these batches' jobs has got on; nothing where one has no job that runs."""
    if not batches or any(
        batch.status != BatchStatus.IN_PROGRESS or batch.progress_at is None or batch.cancel_requested_at
        for batch in batches
    ):
        return timedelta()
    return now - max(batch.progress_at for batch in batches if batch.progress_at)


def weigh_lines(services: Services, lines: Sequence[RequestLines]) -> Stragglers:
    """Decide about the requests in some products' lines: online, or in one more batch."""
    requests, tokens = sum(line.requests for line in lines), sum(line.tokens for line in lines)
    ended = latest_ended(services)
    usual = sum(line.usual_output_tokens for line in lines)
    costs = _costs(services.settings, learn_from(ended), tokens, usual)
    return decide(services.settings, requests, costs, expected_wait(ended))


def left_of(batches: Iterable[OpenAIBatch]) -> int:
    """Requests of a run's batches that failed, or are not answered yet."""
    return sum(
        batch.counts.failed if batch.status.is_terminal else batch.request_count - batch.requests_done
        for batch in batches
    )


def weigh_jobs(services: Services, batches: Sequence[OpenAIBatch], stood_still: timedelta) -> Stragglers:
    """Decide about what is left of a run whose open jobs have stood still: online, or when they go on.

    Nobody knows when; they are expected to stand still for as long again. `batches` are all of the run.
    """
    left, sent = left_of(batches), sum(batch.request_count for batch in batches)
    tokens = sum(batch.input_tokens_estimate for batch in batches) * left / sent
    usual = sum(batch.output_tokens_estimate for batch in batches) * left / sent
    costs = _costs(services.settings, learn(services), tokens, usual)
    return decide(services.settings, left, costs, stood_still)


def _costs(settings: Settings, experience: Experience, tokens: float, usual_output: float) -> Costs:
    """The costs of requests with so many counted tokens, by what ended batches teach."""
    prompt, completion = tokens * experience.input_ratio, usual_output * experience.output_ratio
    online = settings.for_online_calls()
    return Costs(
        settings.cost_of(round(prompt), round(completion)), online.cost_of(round(prompt), round(completion))
    )
