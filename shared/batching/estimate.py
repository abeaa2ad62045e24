"""What a run would send and cost, counted before anything is claimed: the dry run.

Products are counted from the queue; a sample of each category is looked into for locales and tokens. The
forecast learns from the batches that have ended: how far the count of input tokens was off, and how long
answers have been.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from pydantic import BaseModel, Field

from shared.batching.eligibility import askable_parts
from shared.batching.request_plan import group_parts, manifest_line
from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch
from shared.openai_batch.request_lines import RequestLines, build_request_lines
from shared.persistence.pages import unless_unreadable
from shared.persistence.parallel import map_ordered
from shared.services import Services

# Enough for a few percent of error on totals; a category with fewer is counted whole.
SAMPLE = 40
_LEARNS_FROM = 50
# Output tokens of a locale until batches have ended (measured with the emulator's answers, which keep to the
# lengths that the prompt asks for).
_ANSWER_TOKENS = 1175.0


class Forecast(BaseModel):
    """One category, or all of them. Costs are USD at the configured prices."""

    category: str
    products: int = 0
    requests: int = 0
    files: int = 0
    input_tokens: int = 0
    output_tokens: int = Field(default=0, description="expected")
    most_output_tokens: int = Field(default=0, description="when every answer uses up its cap")
    cost: float = Field(default=0.0, description="expected")
    most_cost: float = Field(default=0.0, description="the worst case, which is what batches reserve")


@dataclass(frozen=True)
class Experience:
    """What ended batches teach: real input tokens by counted ones, and output tokens by request."""

    input_ratio: float = 1.0
    answer_tokens: float = _ANSWER_TOKENS


def latest_ended(services: Services) -> list[OpenAIBatch]:
    """The latest batches that have ended, from which is learned."""
    return services.batches.page(_LEARNS_FROM, keep=lambda batch: batch.status.is_terminal)


def learn(services: Services) -> Experience:
    """Experience from the latest batches that have ended."""
    return learn_from(latest_ended(services))


def learn_from(ended: Iterable[OpenAIBatch]) -> Experience:
    """Experience from those that were answered whole, whatever the answers were worth."""
    whole = [b for b in ended if b.completion_tokens and b.counts.answered == b.counts.total]
    counted = sum(batch.input_tokens_estimate for batch in whole)
    requests = sum(batch.request_count for batch in whole)
    if not counted or not requests:
        return Experience()
    return Experience(
        input_ratio=sum(batch.prompt_tokens for batch in whole) / counted,
        answer_tokens=sum(batch.completion_tokens for batch in whole) / requests,
    )


def estimate(
    services: Services,
    experience: Experience,
    category: str,
    product_ids: list[str],
    locales: list[str],
) -> Forecast:
    """What sending these products of a category would come to; `locales` empty means all."""
    settings = services.settings
    look = Look(services, category, locales)
    step = max(1, ceil(len(product_ids) / SAMPLE))
    sampled = [line for line in map_ordered(unless_unreadable(look.lines), product_ids[::step]) if line]
    if not sampled:
        return Forecast(category=category)
    scale = len(product_ids) / len(product_ids[::step])
    requests = sum(line.requests for line in sampled) * scale
    counted = sum(line.tokens for line in sampled) * scale
    most_output = sum(line.most_output_tokens for line in sampled) * scale
    size = sum(len(line.data) for line in sampled) * scale
    expected = min(requests * experience.answer_tokens, most_output)
    return Forecast(
        category=category,
        products=round(len(sampled) * scale),
        requests=round(requests),
        files=_files(settings, requests, size, counted),
        input_tokens=round(counted * experience.input_ratio),
        output_tokens=round(expected),
        most_output_tokens=round(most_output),
        cost=round(settings.cost_of(round(counted * experience.input_ratio), round(expected)), 4),
        most_cost=round(settings.cost_of(round(counted), round(most_output)), 4),
    )


def together(forecasts: Iterable[Forecast]) -> Forecast:
    """The sum of categories."""
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


class Look:
    """Builds the lines that a product would be asked for with; nothing is kept of them."""

    def __init__(self, services: Services, category: str, locales: list[str]) -> None:
        self._services = services
        self._category = category
        self._locales = locales or list(services.settings.locales)

    def lines(self, product_id: str) -> RequestLines | None:
        """The lines of a product, or None where it waits for nothing or is gone."""
        stored = self._services.products.get(self._category, product_id)
        if stored is None or not stored.product.is_waiting:
            return None
        product, settings = stored.product, self._services.settings
        content_state = self._services.contents.content_state(product_id)
        parts = askable_parts(settings, self._locales, product, content_state)
        if not parts:
            return None
        asked = group_parts(product, content_state, parts, settings.locales_per_request)
        return build_request_lines(settings, product, manifest_line(product, asked, 0))
