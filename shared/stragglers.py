"""Whether the last few requests of a run are asked online, at twice the price, or wait for another batch."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from shared.deployments import ONLINE, online_settings
from shared.estimate import learn
from shared.models.batch import OpenAIBatch
from shared.models.run import Stragglers
from shared.openai_batch.request_lines import RequestLines
from shared.services import Services
from shared.settings import Settings

# Azure's target for a batch, until batches have ended.
_COMPLETION_WINDOW = timedelta(hours=24)
_LEARNS_FROM = 50


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
        if batch.deployment != ONLINE
        and batch.job_status in ("completed", "expired")
        and batch.submitted_at
        and batch.completed_at
    ]
    return timedelta(seconds=median(waits)) if waits else _COMPLETION_WINDOW


def weigh(services: Services, lines: Iterable[RequestLines]) -> Stragglers:
    """Decide about the requests in some products' lines, by what ended batches teach."""
    settings, found = services.settings, list(lines)
    requests = sum(line.requests for line in found)
    experience = learn(services)
    prompt = round(sum(line.tokens for line in found) * experience.input_ratio)
    completion = round(
        min(requests * experience.answer_tokens, sum(line.most_output_tokens for line in found))
    )
    costs = Costs(settings.cost_of(prompt, completion), online_settings(settings).cost_of(prompt, completion))
    ended = services.batches.page(_LEARNS_FROM, keep=lambda batch: batch.status.is_terminal)
    return decide(settings, requests, costs, expected_wait(ended))
