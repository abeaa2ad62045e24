"""The one outcome of each request of a batch, from its segments' outcomes and its manifest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from shared.models.batch import OpenAIBatch
from shared.models.outcome import ManifestLine, Outcome, RequestOutcome

# What a request that has no result line came to, by how its job ended.
_WITHOUT_LINE = {
    "expired": (Outcome.EXPIRED, "the job expired before this request was answered"),
    "cancelled": (Outcome.CANCELLED, "the job was cancelled before this request was answered"),
    "completed": (Outcome.MISSING, "no result line came back for this request"),
}


@dataclass
class Tally:
    """The one outcome of each request, and what came on top."""

    by_request: dict[str, RequestOutcome] = field(default_factory=dict)
    doubled: int = 0
    came_twice: set[str] = field(default_factory=set)
    unknown: int = 0
    without_line: set[str] = field(default_factory=set)


def tally_of(
    batch: OpenAIBatch, manifest: Mapping[int, ManifestLine], outcomes: Iterator[RequestOutcome]
) -> Tally:
    """Merge the outcomes against what was sent: the best of those that came twice, and those that did not."""
    tally = Tally()
    for outcome in outcomes:
        if outcome.outcome is None:
            tally.unknown += 1
            continue
        before = tally.by_request.get(outcome.custom_id)
        if before is not None:
            tally.doubled += 1
            tally.came_twice.add(outcome.custom_id)
        if before is None or (before.outcome != Outcome.STORED and outcome.outcome == Outcome.STORED):
            tally.by_request[outcome.custom_id] = outcome
    for sent in manifest.values():
        for group in range(len(sent.groups)):
            custom_id = sent.custom_id(group)
            if custom_id not in tally.by_request:
                tally.without_line.add(custom_id)
                tally.by_request[custom_id] = _without_line(batch, custom_id)
    return tally


def _without_line(batch: OpenAIBatch, custom_id: str) -> RequestOutcome:
    failed = (Outcome.REQUEST_FAILED, batch.job_error or "Azure failed the whole job without saying why")
    outcome, reason = _WITHOUT_LINE.get(batch.job_status or "", failed)
    return RequestOutcome(custom_id=custom_id, outcome=outcome, reason=reason)
