"""Ingest a segment: every result line becomes stored content or one named failure."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

import azure.durable_functions as df

from shared.clock import utcnow
from shared.content.answers import Verdict, judge
from shared.models.content import Candidate, LocaleState, Published
from shared.models.outcome import ManifestLine, Outcome, RequestOutcome, parse_custom_id
from shared.openai_batch.result_lines import ResultLine
from shared.parallel import map_ordered
from shared.services import Services, get_services
from shared.states import BatchStatus
from shared.storage import batch_files

bp = df.Blueprint()


@bp.activity_trigger(input_name="payload")
def ingest_segment(payload: dict) -> int:  # type: ignore[type-arg]
    """Input: batch_id, index of the segment. Output: lines read."""
    return ingest(get_services(), **payload)


def ingest(services: Services, batch_id: str, index: int) -> int:
    """Store one segment's content and write its outcomes; doing it again writes the same."""
    batch = services.batches.get(batch_id)
    if batch.status != BatchStatus.INGESTING:
        return 0
    segment = batch.segments[index]
    ingestion = Ingestion(services, batch_id, _manifest(services, batch.filename))
    outcomes = list(map_ordered(ingestion.take, ingestion.first_of_each(services.processor.parse(segment))))
    batch_files.write_outcomes(services.blobs, batch_id, segment, outcomes)
    return len(outcomes)


@lru_cache(maxsize=4)
def _manifest(services: Services, filename: str) -> dict[int, ManifestLine]:
    # A manifest never changes once its batch is created, and a batch's segments are ingested side by side.
    return batch_files.read_manifest(services.blobs, filename)


class Ingestion:
    """Judges and stores result lines of one batch."""

    def __init__(self, services: Services, batch_id: str, manifest: Mapping[int, ManifestLine]) -> None:
        self._services = services
        self._batch_id = batch_id
        self._manifest = manifest

    def first_of_each(self, results: Iterator[ResultLine]) -> Iterator[tuple[ResultLine, bool]]:
        """Each line, and whether it is the first with its custom id."""
        seen: set[str] = set()
        for result in results:
            yield result, result.custom_id not in seen
            if result.custom_id is not None:
                seen.add(result.custom_id)

    def take(self, item: tuple[ResultLine, bool]) -> RequestOutcome:
        """Judge one line and store what it brought. Lines that we did not send have no outcome."""
        result, first = item
        found = self._sent(result.custom_id)
        if found is None:
            return RequestOutcome(custom_id=result.custom_id or "", outcome=None, reason=result.reason)
        sent, locales = found
        verdict = _verdict(result, locales)
        if first:
            self._store(result, sent, locales, verdict)
        return RequestOutcome(
            custom_id=sent.custom_id(sent.groups.index(locales)),
            outcome=verdict.outcome,
            reason=verdict.reason,
            locales_stored=len(verdict.contents),
            model=result.model,
            prompt_tokens=result.prompt_tokens,
            completion_tokens=result.completion_tokens,
            cached_tokens=result.cached_tokens,
        )

    def _sent(self, custom_id: str | None) -> tuple[ManifestLine, tuple[str, ...]] | None:
        place = parse_custom_id(custom_id) if custom_id else None
        sent = self._manifest.get(place[0]) if place else None
        if place is None or sent is None or place[1] >= len(sent.groups):
            return None
        return sent, sent.groups[place[1]]

    def _store(
        self, result: ResultLine, sent: ManifestLine, locales: tuple[str, ...], verdict: Verdict
    ) -> None:
        now = utcnow()
        tries: list[tuple[Candidate, Published | None]] = []
        for locale in locales:
            content = verdict.contents.get(locale)
            candidate = Candidate(
                locale=locale,
                state=LocaleState.STORED if content else LocaleState.FAILED,
                outcome=Outcome.STORED if content else verdict.outcome,
                reason="" if content else verdict.faults.get(locale, verdict.reason),
                attempts=sent.attempts[locale],
                request_locales=len(locales),
                had_higher_cap=sent.groups.index(locales) in sent.higher_cap,
                batch_id=self._batch_id,
                content_hash=sent.content_hash,
                prompt_version=sent.prompt_version,
                updated_at=now,
            )
            if content is None:
                tries.append((candidate, None))
                continue
            published = Published(
                locale=locale,
                content=content,
                content_hash=sent.content_hash,
                batch_id=self._batch_id,
                model=result.model,
                prompt_version=sent.prompt_version,
                prompt_tokens=result.prompt_tokens,
                completion_tokens=result.completion_tokens,
                request_locales=len(locales),
                generated_at=now,
            )
            tries.append((candidate, published))
        self._services.contents.store(sent.product_id, tries)


def _verdict(result: ResultLine, locales: tuple[str, ...]) -> Verdict:
    if result.failure is not None:
        return Verdict(result.failure, result.reason)
    return judge(result.text, locales)
