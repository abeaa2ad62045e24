"""Ingesting answers product by product: judged, compared with each other, stored in one transaction."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from shared.clock import utcnow
from shared.content.answers import Verdict, judge
from shared.content.facts import FACTS_KEY, locales_in
from shared.content.families import family_of_product
from shared.content.fields import text_fields
from shared.content.quality import Assessment, OtherProduct, assess_texts, case_of
from shared.content.quality.case import Texts
from shared.content.sections import LocaleContent
from shared.models.content import Candidate, Published, PublishedFacts, TryState
from shared.models.outcome import ManifestLine, Outcome, RequestOutcome, parse_custom_id
from shared.openai_batch.result_lines import ResultLine
from shared.parallel import map_ordered
from shared.services import Services
from shared.storage.contents import Try

# Texts of so many products before it are what boilerplate is looked for in.
_NEIGHBOURS = 2


@dataclass(frozen=True)
class _Answer:
    """A result line, what was asked, and what it is worth."""

    result: ResultLine
    group: int
    parts: tuple[str, ...]
    verdict: Verdict
    assessments: Mapping[str, Assessment] = field(default_factory=dict)

    def passes(self, locale: str, minimum: int) -> bool:
        return locale in self.assessments and self.assessments[locale].passes(minimum)


class Ingestion:
    """Takes result lines of one batch."""

    def __init__(self, services: Services, batch_id: str, manifest: Mapping[int, ManifestLine]) -> None:
        self._services = services
        self._settings = services.settings
        self._batch_id = batch_id
        self._manifest = manifest
        self._neighbours: deque[dict[str, OtherProduct]] = deque(maxlen=_NEIGHBOURS)

    def take(self, results: Iterable[ResultLine]) -> Iterator[RequestOutcome]:
        """Judge and store; one outcome a line. Lines that we did not send have no outcome.

        Lines of one product are looked at together, so that its locales can be compared. Taking the same
        lines again stores the same.
        """
        by_product: dict[int, list[tuple[ResultLine, int]]] = defaultdict(list)
        for result in results:
            place = self._place(result.custom_id)
            if place is None:
                yield RequestOutcome(custom_id=result.custom_id or "", outcome=None, reason=result.reason)
            else:
                by_product[place[0]].append((result, place[1]))
        answered = ((self._manifest[line], by_product.pop(line)) for line in sorted(by_product))
        for outcomes in map_ordered(self._store, (self._assessed(*each) for each in answered)):
            yield from outcomes

    def _place(self, custom_id: str | None) -> tuple[int, int] | None:
        place = parse_custom_id(custom_id) if custom_id else None
        sent = self._manifest.get(place[0]) if place else None
        return place if place and sent and place[1] < len(sent.groups) else None

    def _assessed(
        self, sent: ManifestLine, results: Sequence[tuple[ResultLine, int]]
    ) -> tuple[ManifestLine, list[_Answer]]:
        family = family_of_product(sent.record)
        answers = []
        for result, group in results:
            parts = sent.groups[group]
            if result.failure is None:
                verdict = judge(result.text, locales_in(parts), facts=FACTS_KEY in parts, family=family)
            else:
                verdict = Verdict(result.failure, result.reason)
            answers.append(_Answer(result, group, parts, verdict))
        contents: dict[str, LocaleContent] = {}
        for answer in answers:
            contents = {**answer.verdict.contents, **contents}
        siblings = {name: text_fields(each) for name, each in self._siblings(sent, contents).items()}
        # Of a request that was answered twice, the second answer's texts are its own.
        texts = {id(content): siblings[name] for name, content in contents.items()}
        assessed = [self._assess(sent, answer, siblings, texts) for answer in answers]
        self._neighbours.append({locale: _other(sent, siblings[locale]) for locale in contents})
        return sent, assessed

    def _siblings(self, sent: ManifestLine, contents: dict[str, LocaleContent]) -> dict[str, LocaleContent]:
        """The product's texts in all locales: those that came, and those that are served from before."""
        if not contents or set(self._settings.locales) <= set(contents):
            return contents
        served = self._services.contents.served(sent.product_id).published
        return {i.locale: i.content for i in served if i.content_hash == sent.content_hash} | contents

    def _assess(
        self,
        sent: ManifestLine,
        answer: _Answer,
        siblings: Mapping[str, Texts],
        texts_of: Mapping[int, Texts],
    ) -> _Answer:
        limits = self._settings.quality_limits
        assessments = {}
        for locale, content in answer.verdict.contents.items():
            texts = {**siblings, locale: texts_of.get(id(content)) or text_fields(content)}
            others = [each[locale] for each in self._neighbours if locale in each]
            assessments[locale] = assess_texts(case_of(sent.record, locale, texts, others, limits))
        return replace(answer, assessments=assessments)

    def _store(self, assessed: tuple[ManifestLine, list[_Answer]]) -> list[RequestOutcome]:
        sent, answers = assessed
        outcomes = [self._outcome(sent, answer) for answer in answers]
        tries: list[Try] = []
        facts: PublishedFacts | None = None
        for answer in _those_that_count(answers, outcomes):
            tries += [self._try(sent, answer, part) for part in answer.parts]
            facts = self._facts(sent, answer) or facts
        self._services.contents.store(sent.product_id, tries, facts)
        return outcomes

    def _outcome(self, sent: ManifestLine, answer: _Answer) -> RequestOutcome:
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
        )

    def _try(self, sent: ManifestLine, answer: _Answer, part: str) -> Try:
        verdict, assessment = answer.verdict, answer.assessments.get(part)
        passed = answer.passes(part, self._settings.quality_minimum_score)
        stored = passed or (part == FACTS_KEY and verdict.facts is not None)
        rejected = assessment if assessment and not passed else None
        reason = "; ".join(rejected.reasons()) if rejected else verdict.faults.get(part, verdict.reason)
        candidate = Candidate(
            part=part,
            state=TryState.STORED if stored else TryState.FAILED,
            outcome=_outcome_of(verdict, stored, rejected),
            reason="" if stored else reason,
            attempts=sent.attempts[part],
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
        return candidate, Published(
            locale=part,
            content=verdict.contents[part],
            score=assessment.score,
            findings=list(assessment.findings),
            **self._made(sent, answer),
        )

    def _facts(self, sent: ManifestLine, answer: _Answer) -> PublishedFacts | None:
        facts = answer.verdict.facts
        return None if facts is None else PublishedFacts(facts=facts, **self._made(sent, answer))

    def _made(self, sent: ManifestLine, answer: _Answer) -> dict[str, object]:
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


def _those_that_count(answers: Sequence[_Answer], outcomes: Sequence[RequestOutcome]) -> list[_Answer]:
    """One answer a request: the first that was stored, or the first."""
    chosen: dict[int, _Answer] = {}
    stored: set[int] = set()
    for answer, outcome in zip(answers, outcomes, strict=True):
        good = outcome.outcome == Outcome.STORED
        if answer.group not in chosen or (good and answer.group not in stored):
            chosen[answer.group] = answer
        if good:
            stored.add(answer.group)
    return list(chosen.values())


def _outcome_of(verdict: Verdict, stored: bool, rejected: Assessment | None) -> Outcome:
    if stored:
        return Outcome.STORED
    return Outcome.REJECTED if rejected else verdict.outcome


def _other(sent: ManifestLine, texts: Texts) -> OtherProduct:
    return OtherProduct(sent.record.name, sent.record.brand, {each.path: each.text for each in texts})
