"""Ingesting one segment: each of its result lines becomes stored content or one named failure."""

from functools import lru_cache
from threading import Lock

from shared.domain.states import BatchStatus
from shared.openai_batch.segments import read_segment
from shared.persistence import batch_files
from shared.persistence.manifest import Manifest
from shared.results.ingestion import Ingestion
from shared.services import Services

_reading = Lock()


def ingest(services: Services, batch_id: str, index: int) -> int:
    """Store the content of segment number `index` and write its outcomes. Returns the number of its lines.

    Calling it again writes the same. A batch that is not being ingested is left alone (0 lines).

    Raises:
        NotFound: when there is no such batch.
    """
    batch = services.batches.get(batch_id)
    if batch.status != BatchStatus.INGESTING:
        return 0
    segment = batch.segments[index]
    ingestion = Ingestion(services, batch, _shared_manifest(services, batch.filename))
    outcomes = list(ingestion.ingest(read_segment(services.blobs, segment)))
    batch_files.write_outcomes(services.blobs, batch_id, segment, outcomes)
    return len(outcomes)


def _shared_manifest(services: Services, filename: str) -> Manifest:
    # Segments of a batch are ingested in parallel: one of them reads the manifest, the others wait for it.
    with _reading:
        return _manifest(services, filename)


@lru_cache(maxsize=4)
def _manifest(services: Services, filename: str) -> Manifest:
    # A manifest never changes after its batch was created.
    return batch_files.read_manifest(services.blobs, filename)
