"""Requests with several result lines: the line that counts is stored again, after all segments.

Segments are ingested in parallel, so until then chance decides which of the lines was stored last.
"""

from collections.abc import Collection, Mapping

from shared.domain.batch import OpenAIBatch
from shared.domain.outcome import ManifestLine, parse_custom_id
from shared.openai_batch.segments import read_segment
from shared.results.ingestion import Ingestion
from shared.services import Services


def resolve_duplicates(
    services: Services,
    batch: OpenAIBatch,
    manifest: Mapping[int, ManifestLine],
    duplicate_ids: Collection[str],
) -> None:
    """Store, for each custom id in `duplicate_ids`, the line that counts.

    That is the first line whose text can be stored, or else the first line. Products that are settled already
    are left alone: their content may be newer by now.
    """
    unsettled = {custom_id for custom_id in duplicate_ids if _is_held(services, batch, manifest, custom_id)}
    if unsettled:
        segments = (read_segment(services.blobs, segment) for segment in batch.segments)
        lines = [result for results in segments for result in results if result.custom_id in unsettled]
        for _ in Ingestion(services, batch, manifest).ingest(lines):
            pass


def _is_held(
    services: Services, batch: OpenAIBatch, manifest: Mapping[int, ManifestLine], custom_id: str
) -> bool:
    place = parse_custom_id(custom_id)
    sent = manifest.get(place[0]) if place else None
    stored = services.products.get(batch.category, sent.product_id) if sent else None
    return stored is not None and stored.product.is_held_by(batch.batch_id)
