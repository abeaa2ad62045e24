"""Requests whose answer came on several lines: the one that counts is stored last, wherever the others stand.

Segments are ingested side by side, so which of such lines was stored last is chance until then.
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
    """Store, for each of these custom ids, the line that counts: the first that was stored, or the first.

    Products that are settled already are left alone: their content may be newer by now.
    """
    left = {custom_id for custom_id in duplicate_ids if _is_held(services, batch, manifest, custom_id)}
    if left:
        segments = (read_segment(services.blobs, segment) for segment in batch.segments)
        doubled = [result for results in segments for result in results if result.custom_id in left]
        for _ in Ingestion(services, batch, manifest).ingest(doubled):
            pass


def _is_held(
    services: Services, batch: OpenAIBatch, manifest: Mapping[int, ManifestLine], custom_id: str
) -> bool:
    place = parse_custom_id(custom_id)
    sent = manifest.get(place[0]) if place else None
    stored = services.products.get(batch.category, sent.product_id) if sent else None
    return stored is not None and stored.product.is_held_by(batch.batch_id)
