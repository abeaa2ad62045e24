"""The outcomes of a batch's requests, counted from its segments' outcomes and its manifest.

The outcomes are read twice and not kept in memory: the first reading finds the requests that have several
result lines, the second reading counts. A batch of 100,000 requests takes some 10 MB, for the ids of its
requests.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch
from shared.domain.outcome import (
    ManifestLine,
    Outcome,
    RequestOutcome,
    VariantCounts,
    counts_in_place_of,
    parse_custom_id,
)
from shared.domain.states import JobStatus

# The outcome of a request that has no result line, by the status of its job.
_UNANSWERED: Mapping[str, tuple[Outcome, str]] = {
    JobStatus.EXPIRED: (Outcome.EXPIRED, "the job expired before this request was answered"),
    JobStatus.CANCELLED: (Outcome.CANCELLED, "the job was cancelled before this request was answered"),
    JobStatus.COMPLETED: (Outcome.MISSING, "no result line came back for this request"),
}

# The most tokens that a request can be charged for, as fields of its outcome, by custom id.
WorstCases = Mapping[str, Mapping[str, int]]


@dataclass
class BatchTotals:
    """Counts by version of the prompt, one outcome for each request, and the surplus lines.

    `locales` counts stored locales. `duplicate_lines` counts further lines of a request that has one already;
    `duplicate_ids` are the custom ids of these requests. `unknown_lines` counts lines that match no request.
    `unanswered_ids` are the custom ids of requests without a result line. `without_usage` counts requests
    that counted with their worst case; `ids_without_usage` are the candidates, by custom id.
    """

    by_prompt: dict[str, VariantCounts] = field(default_factory=dict)
    locales: int = 0
    duplicate_lines: int = 0
    duplicate_ids: set[str] = field(default_factory=set)
    unknown_lines: int = 0
    unanswered_ids: set[str] = field(default_factory=set)
    without_usage: int = 0
    ids_without_usage: set[str] = field(default_factory=set)

    @property
    def total(self) -> VariantCounts:
        """The sum over all versions of the prompt."""
        total = VariantCounts()
        for counts in self.by_prompt.values():
            total = total.plus(counts)
        return total

    def count(self, settings: Settings, prompt_version: str, request: RequestOutcome) -> None:
        """Count the outcome of one request."""
        counts = self.by_prompt[prompt_version]
        counts.requests += 1
        if request.outcome:
            counts.by_outcome[request.outcome] = counts.by_outcome.get(request.outcome, 0) + 1
        counts.scored += len(request.scores)
        counts.score_sum += sum(request.scores)
        counts.score_squares += sum(score * score for score in request.scores)
        counts.prompt_tokens += request.prompt_tokens
        counts.completion_tokens += request.completion_tokens
        counts.cost += settings.cost_of(
            request.prompt_tokens, request.completion_tokens, request.cached_tokens, request.model
        )
        self.locales += request.locales_stored


def count_batch(
    settings: Settings,
    batch: OpenAIBatch,
    manifest: Mapping[int, ManifestLine],
    outcomes: Callable[[], Iterator[RequestOutcome]],
    worst_cases: Callable[[Collection[str]], WorstCases],
) -> BatchTotals:
    """Compare the outcomes with what was sent, and count them.

    A request with several lines counts once, with its best outcome. A request without a line counts as
    unanswered. `outcomes` reads all outcomes whenever it is called. A request that lacks usage counts with
    the tokens that `worst_cases` gives for its custom id.
    """
    totals = BatchTotals()
    answered = _answered(totals, outcomes())
    worst = worst_cases(totals.ids_without_usage) if totals.ids_without_usage else {}
    prompts: dict[int, str] = {}
    for line, sent in manifest.items():
        counts = totals.by_prompt.setdefault(sent.prompt_version, VariantCounts())
        counts.products += 1
        prompts[line] = sent.prompt_version
        for group in range(len(sent.groups)):
            custom_id = sent.custom_id(group)
            if custom_id not in answered:
                totals.unanswered_ids.add(custom_id)
                totals.count(settings, sent.prompt_version, unanswered_outcome(batch, custom_id))
    for request in _one_outcome_per_request(totals, outcomes()):
        place = parse_custom_id(request.custom_id)
        if place is not None:
            if request.lacks_usage:
                totals.without_usage += 1
            used = worst[request.custom_id] if request.lacks_usage else {}
            totals.count(settings, prompts[place[0]], request.model_copy(update=used))
    return totals


def unanswered_outcome(batch: OpenAIBatch, custom_id: str) -> RequestOutcome:
    """The outcome of a request that has no result line."""
    failed = (Outcome.REQUEST_FAILED, batch.job_error or "Azure failed the whole job without saying why")
    outcome, reason = _UNANSWERED.get(batch.job_status or "", failed)
    return RequestOutcome(custom_id=custom_id, outcome=outcome, reason=reason)


def _answered(totals: BatchTotals, outcomes: Iterator[RequestOutcome]) -> set[str]:
    """The custom ids of the requests that have a line. Surplus lines are counted in `totals`."""
    answered: set[str] = set()
    for request in outcomes:
        if request.outcome is not None and request.lacks_usage:
            totals.ids_without_usage.add(request.custom_id)
        if request.outcome is None:
            totals.unknown_lines += 1
        elif request.custom_id in answered:
            totals.duplicate_lines += 1
            totals.duplicate_ids.add(request.custom_id)
        else:
            answered.add(request.custom_id)
    return answered


def _one_outcome_per_request(
    totals: BatchTotals, outcomes: Iterator[RequestOutcome]
) -> Iterator[RequestOutcome]:
    """One outcome for each request that has a line."""
    chosen: dict[str, RequestOutcome] = {}
    for request in outcomes:
        if request.outcome is None:
            continue
        if request.custom_id not in totals.duplicate_ids:
            yield request
            continue
        if counts_in_place_of(request, chosen.get(request.custom_id)):
            chosen[request.custom_id] = request
    yield from chosen.values()
