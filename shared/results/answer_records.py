"""What is stored of an assessed answer: its request's outcome, the attempt of each part, and the facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.config.settings import Settings
from shared.content.answer_validation import AnswerResult
from shared.content.content_records import Candidate, PublishedContent, PublishedFacts, TryState
from shared.content.product_facts import FACTS_KEY, locales_in
from shared.content.quality import Assessment
from shared.domain.clock import utcnow
from shared.domain.outcome import NEVER_RAN, ManifestLine, Outcome, RequestOutcome, counts_in_place_of
from shared.openai_batch.result_lines import ResultLine
from shared.persistence.content_repository import Try


@dataclass(frozen=True)
class AssessedAnswer:
    """A result line with the result of its checks.

    `group` is the position of its request in the product's manifest line, `parts` are what that request asked
    for. `assessments` are by locale.
    """

    result: ResultLine
    group: int
    parts: tuple[str, ...]
    verdict: AnswerResult
    assessments: Mapping[str, Assessment] = field(default_factory=dict)

    def passes(self, locale: str, minimum: int) -> bool:
        """Whether the text of a locale came, and reaches the score `minimum`."""
        return locale in self.assessments and self.assessments[locale].passes(minimum)


class AnswerRecords:
    """Turns the answers of one batch into the records to store."""

    def __init__(self, settings: Settings, batch_id: str) -> None:
        self._settings = settings
        self._batch_id = batch_id

    def outcome(self, sent: ManifestLine, answer: AssessedAnswer) -> RequestOutcome:
        """The outcome of the request: `stored` only when every part that it asked for can be stored."""
        minimum, verdict = self._settings.quality_minimum_score, answer.verdict
        rejected = {
            locale: assessment.reasons(1)[0]
            for locale, assessment in answer.assessments.items()
            if not assessment.passes(minimum)
        }
        outcome, reason = verdict.outcome, verdict.reason
        if outcome == Outcome.STORED and rejected:
            outcome = Outcome.REJECTED
            reason = "; ".join(f"{locale}: {why}" for locale, why in rejected.items())
        return RequestOutcome(
            custom_id=sent.custom_id(answer.group),
            outcome=outcome,
            reason=reason,
            locales_stored=len(answer.assessments) - len(rejected),
            scores=tuple(assessment.score for assessment in answer.assessments.values()),
            model=answer.result.model,
            prompt_tokens=answer.result.prompt_tokens,
            completion_tokens=answer.result.completion_tokens,
            cached_tokens=answer.result.cached_tokens,
            lacks_usage=answer.result.lacks_usage,
        )

    def attempt(self, sent: ManifestLine, answer: AssessedAnswer, part: str) -> Try:
        """The attempt at one part, with its text if that passed and is to be published."""
        verdict, assessment = answer.verdict, answer.assessments.get(part)
        passed = answer.passes(part, self._settings.quality_minimum_score)
        stored = passed or (part == FACTS_KEY and verdict.facts is not None)
        rejected = assessment if assessment and not passed else None
        reason = "; ".join(rejected.reasons()) if rejected else verdict.faults.get(part, verdict.reason)
        candidate = Candidate(
            part=part,
            state=TryState.STORED if stored else TryState.FAILED,
            outcome=_part_outcome(verdict, stored, rejected),
            reason="" if stored else reason,
            attempts=sent.attempts[part] - (verdict.outcome in NEVER_RAN),
            request_locales=len(locales_in(answer.parts)),
            had_higher_cap=answer.group in sent.higher_cap,
            batch_id=self._batch_id,
            content_hash=sent.content_hash,
            prompt_version=sent.prompt_version,
            updated_at=utcnow(),
            score=rejected.score if rejected else None,
            findings=list(rejected.findings) if rejected else [],
            content=verdict.contents[part] if rejected else None,
        )
        if not passed or assessment is None:
            return candidate, None
        return candidate, PublishedContent(
            locale=part,
            content=verdict.contents[part],
            plan=sent.plan,
            score=assessment.score,
            findings=list(assessment.findings),
            **self._provenance(sent, answer),
        )

    def facts(self, sent: ManifestLine, answer: AssessedAnswer) -> PublishedFacts | None:
        """The product's facts, or None when the answer holds none."""
        facts = answer.verdict.facts
        return None if facts is None else PublishedFacts(facts=facts, **self._provenance(sent, answer))

    def _provenance(self, sent: ManifestLine, answer: AssessedAnswer) -> dict[str, object]:
        result = answer.result
        return {
            "content_hash": sent.content_hash,
            "batch_id": self._batch_id,
            "model": result.model,
            "prompt_version": sent.prompt_version,
            "prompt_tokens": result.prompt_tokens,
            "completion_tokens": result.completion_tokens,
            "request_parts": len(answer.parts),
            "cost": self._settings.cost_of(
                result.prompt_tokens, result.completion_tokens, result.cached_tokens, result.model
            )
            / len(answer.parts),
            "generated_at": utcnow(),
        }


def one_answer_per_request(
    answers: Sequence[AssessedAnswer], outcomes: Sequence[RequestOutcome]
) -> list[AssessedAnswer]:
    """One answer for each request. Of several, `counts_in_place_of` decides which one counts."""
    chosen: dict[str, tuple[AssessedAnswer, RequestOutcome]] = {}
    for answer, outcome in zip(answers, outcomes, strict=True):
        _, previous = chosen.get(outcome.custom_id, (None, None))
        if counts_in_place_of(outcome, previous):
            chosen[outcome.custom_id] = answer, outcome
    return [answer for answer, _ in chosen.values()]


def _part_outcome(verdict: AnswerResult, stored: bool, rejected: Assessment | None) -> Outcome:
    if stored:
        return Outcome.STORED
    return Outcome.REJECTED if rejected else verdict.outcome
