"""Ingest a segment: every result line becomes stored content or one named failure."""

from functools import lru_cache
from threading import Lock

import azure.durable_functions as df

from shared.composition import get_services
from shared.domain.states import BatchStatus
from shared.openai_batch.segments import read_segment
from shared.persistence import batch_files
from shared.persistence.manifest import Manifest
from shared.results.ingestion import Ingestion
from shared.services import Services

bp = df.Blueprint()

_reading = Lock()


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
    ingestion = Ingestion(services, batch, _shared_manifest(services, batch.filename))
    outcomes = list(ingestion.take(read_segment(services.blobs, segment)))
    batch_files.write_outcomes(services.blobs, batch_id, segment, outcomes)
    return len(outcomes)


def _shared_manifest(services: Services, filename: str) -> Manifest:
    # A batch's segments are ingested side by side: the first reads, and the others wait for it.
    with _reading:
        return _manifest(services, filename)


@lru_cache(maxsize=4)
def _manifest(services: Services, filename: str) -> Manifest:
    # A manifest never changes once its batch is created.
    return batch_files.read_manifest(services.blobs, filename)
