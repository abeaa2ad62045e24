"""Ingesting answers product by product: judged, compared with each other, stored in one transaction."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from shared.content.answer_validation import AnswerResult, validate_answer
from shared.content.content_records import PublishedFacts
from shared.content.product_facts import FACTS_KEY, locales_in
from shared.content.quality import (
    LocaleTexts,
    OtherProduct,
    SourceRecord,
    build_context,
    read_locale_texts,
    read_source_record,
    run_checks,
)
from shared.domain.batch import OpenAIBatch
from shared.domain.content_plan import ContentPlan
from shared.domain.outcome import ManifestLine, RequestOutcome, parse_custom_id
from shared.openai_batch.result_lines import ResultLine
from shared.persistence.content_repository import Try
from shared.persistence.parallel import map_ordered
from shared.results.answer_records import AnswerRecords, AssessedAnswer, those_that_count
from shared.services import Services

# Texts of so many products before it are what boilerplate is looked for in.
_NEIGHBOURS = 2


class Ingestion:
    """Takes result lines of one batch."""

    def __init__(self, services: Services, batch: OpenAIBatch, manifest: Mapping[int, ManifestLine]) -> None:
        self._services = services
        self._settings = services.settings
        self._records = AnswerRecords(services.settings.priced_for(batch.deployment), batch.batch_id)
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
    ) -> tuple[ManifestLine, list[AssessedAnswer]]:
        subject = read_source_record(sent.record)
        answers = []
        for result, group in results:
            parts = sent.groups[group]
            if result.failure is None:
                verdict = validate_answer(
                    result.text,
                    locales_in(parts),
                    sent.plan,
                    facts=FACTS_KEY in parts,
                    record_words=subject.words,
                )
            else:
                verdict = AnswerResult(result.failure, result.reason)
            answers.append(AssessedAnswer(result, group, parts, verdict))
        own = [read_locale_texts(subject, answer.verdict.contents) for answer in answers]
        # Of a request that was answered twice, the first answer stands beside the other locales.
        came: dict[str, LocaleTexts] = {}
        for readings in own:
            came = {**readings, **came}
        siblings = self._siblings(sent, subject, came)
        assessed = [
            self._assess(subject, sent.plan, answer, readings, siblings)
            for answer, readings in zip(answers, own, strict=True)
        ]
        self._neighbours.append({locale: OtherProduct(subject.name, each) for locale, each in came.items()})
        return sent, assessed

    def _siblings(
        self, sent: ManifestLine, subject: SourceRecord, came: dict[str, LocaleTexts]
    ) -> dict[str, LocaleTexts]:
        """The product's texts in all locales: those that came, and those that are served from before."""
        if not came or set(self._settings.locales) <= set(came):
            return came
        served = self._services.contents.served(sent.product_id).published
        current = {item.locale: item.content for item in served if item.content_hash == sent.content_hash}
        return read_locale_texts(subject, current) | came

    def _assess(
        self,
        subject: SourceRecord,
        plan: ContentPlan | None,
        answer: AssessedAnswer,
        own: Mapping[str, LocaleTexts],
        siblings: Mapping[str, LocaleTexts],
    ) -> AssessedAnswer:
        limits = self._settings.quality_limits
        assessments = {}
        for locale, reading in own.items():
            others = [each[locale] for each in self._neighbours if locale in each]
            case = build_context(subject, locale, {**siblings, locale: reading}, others, limits, plan)
            assessments[locale] = run_checks(case)
        return replace(answer, assessments=assessments)

    def _store(self, assessed: tuple[ManifestLine, list[AssessedAnswer]]) -> list[RequestOutcome]:
        sent, answers = assessed
        records = self._records
        outcomes = [records.outcome(sent, answer) for answer in answers]
        tries: list[Try] = []
        facts: PublishedFacts | None = None
        for answer in those_that_count(answers, outcomes):
            tries += [records.attempt(sent, answer, part) for part in answer.parts]
            facts = records.facts(sent, answer) or facts
        self._services.contents.store(sent.product_id, tries, facts)
        return outcomes
