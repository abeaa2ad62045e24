"""A dry run: what a run would send and cost, estimated without claiming anything.

Products are counted from the queue. A sample of each category is read for its locales and tokens. The batches
that have ended calibrate the forecast: by how much the count of input tokens was off, and how long answers
were.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from pydantic import BaseModel, Field

from shared.batching.eligibility import refusal_of_thin_record, requestable_parts
from shared.batching.request_plan import group_parts, manifest_line
from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch
from shared.openai_batch.request_lines import RequestLines, build_request_lines
from shared.persistence.pages import unless_unreadable
from shared.persistence.parallel import map_ordered
from shared.services import Services

# A sample of this size gives totals within a few percent. A smaller category is counted completely.
SAMPLE = 40
_CALIBRATION_BATCHES = 50


class Forecast(BaseModel):
    """The forecast for one category, or for all. Costs are in USD at the configured prices."""

    category: str
    products: int = 0
    requests: int = 0
    files: int = 0
    input_tokens: int = 0
    output_tokens: int = Field(default=0, description="expected")
    most_output_tokens: int = Field(default=0, description="if every answer uses up its cap")
    cost: float = Field(default=0.0, description="expected")
    most_cost: float = Field(default=0.0, description="worst case, which is what batches reserve")


@dataclass(frozen=True)
class Calibration:
    """What ended batches show: charged input tokens per counted one, and output tokens per estimated one."""

    input_ratio: float = 1.0
    output_ratio: float = 1.0


def latest_ended_batches(services: Services) -> list[OpenAIBatch]:
    """The latest batches that have ended, newest first: the data of the calibration."""
    return services.batches.page(_CALIBRATION_BATCHES, keep=lambda batch: batch.status.is_terminal)


def calibrate(services: Services) -> Calibration:
    """The calibration from the latest batches that have ended."""
    return calibrate_from(latest_ended_batches(services))


def calibrate_from(ended: Iterable[OpenAIBatch]) -> Calibration:
    """The calibration from those batches of which every request was answered, stored or not."""
    complete = [b for b in ended if b.completion_tokens and b.counts.answered == b.counts.total]
    counted = sum(batch.input_tokens_estimate for batch in complete)
    # Batches of earlier versions have no estimate of their output.
    estimated = [batch for batch in complete if batch.output_tokens_estimate]
    output = sum(batch.output_tokens_estimate for batch in estimated)
    if not counted:
        return Calibration()
    return Calibration(
        input_ratio=sum(batch.prompt_tokens for batch in complete) / counted,
        output_ratio=sum(batch.completion_tokens for batch in estimated) / output if output else 1.0,
    )


def estimate(
    services: Services,
    calibration: Calibration,
    category: str,
    product_ids: list[str],
    locales: list[str],
) -> Forecast:
    """The forecast for sending these products of a category. Empty `locales` means all."""
    settings = services.settings
    estimator = RequestEstimator(services, category, locales)
    step = max(1, ceil(len(product_ids) / SAMPLE))
    sampled = [line for line in map_ordered(unless_unreadable(estimator.lines), product_ids[::step]) if line]
    if not sampled:
        return Forecast(category=category)
    scale = len(product_ids) / len(product_ids[::step])
    requests = sum(line.requests for line in sampled) * scale
    counted = sum(line.tokens for line in sampled) * scale
    most_output = sum(line.most_output_tokens for line in sampled) * scale
    size = sum(len(line.data) for line in sampled) * scale
    usual_output = sum(line.usual_output_tokens for line in sampled) * scale
    expected = min(usual_output * calibration.output_ratio, most_output)
    return Forecast(
        category=category,
        products=round(len(sampled) * scale),
        requests=round(requests),
        files=_files(settings, requests, size, counted),
        input_tokens=round(counted * calibration.input_ratio),
        output_tokens=round(expected),
        most_output_tokens=round(most_output),
        cost=round(settings.cost_of(round(counted * calibration.input_ratio), round(expected)), 4),
        most_cost=round(settings.cost_of(round(counted), round(most_output)), 4),
    )


def total_forecast(forecasts: Iterable[Forecast]) -> Forecast:
    """The sum of the forecasts of categories."""
    rows = list(forecasts)
    names = [name for name in Forecast.model_fields if name != "category"]
    sums = {name: sum(getattr(row, name) for row in rows) for name in names}
    return Forecast.model_validate({"category": "all", **sums, **_rounded(sums)})


def _rounded(sums: dict[str, float]) -> dict[str, float]:
    return {name: round(sums[name], 4) for name in ("cost", "most_cost")}


def _files(settings: Settings, requests: float, size: float, tokens: float) -> int:
    return max(
        ceil(requests / settings.max_requests_per_file),
        ceil(size / settings.max_bytes_per_file),
        ceil(tokens / settings.max_tokens_per_file),
    )


class RequestEstimator:
    """Builds a product's request lines to count them. Nothing is claimed or stored."""

    def __init__(self, services: Services, category: str, locales: list[str]) -> None:
        self._services = services
        self._category = category
        self._locales = locales or list(services.settings.locales)

    def lines(self, product_id: str) -> RequestLines | None:
        """The request lines of a product; None when it is not pending, complete, too thin or gone."""
        stored = self._services.products.get(self._category, product_id)
        if stored is None or not stored.product.is_waiting:
            return None
        product, settings = stored.product, self._services.settings
        content_state = self._services.contents.content_state(product_id)
        parts = requestable_parts(settings, self._locales, product, content_state)
        if not parts or refusal_of_thin_record(settings, product):
            return None
        grouped = group_parts(settings, product, content_state, parts)
        return build_request_lines(settings, product, manifest_line(product, grouped, 0))
