"""Requests whose answer came on several lines: the one that counts is stored last, wherever the others stand.

Segments are ingested side by side, so which of such lines was stored last is chance until then.
"""

from collections.abc import Mapping

from activities.ingest_segment import Ingestion
from shared.models.batch import OpenAIBatch
from shared.models.outcome import ManifestLine, RequestOutcome, parse_custom_id
from shared.services import Services


def store_those_that_count(
    services: Services,
    batch: OpenAIBatch,
    manifest: Mapping[int, ManifestLine],
    chosen: Mapping[str, RequestOutcome],
) -> None:
    """Store, for each custom id, the first line with the outcome that was chosen for it.

    Products that are settled already are left alone: their content may be newer by now.
    """
    left = {
        custom_id: outcome
        for custom_id, outcome in chosen.items()
        if _is_held(services, batch, manifest, custom_id)
    }
    ingestion = Ingestion(services, batch.batch_id, manifest)
    for segment in batch.segments if left else ():
        for result in services.processor.parse(segment):
            wanted = left.get(result.custom_id or "")
            if wanted is not None and ingestion.take((result, False)).outcome == wanted.outcome:
                ingestion.take((result, True))
                del left[wanted.custom_id]


def _is_held(
    services: Services, batch: OpenAIBatch, manifest: Mapping[int, ManifestLine], custom_id: str
) -> bool:
    place = parse_custom_id(custom_id)
    sent = manifest.get(place[0]) if place else None
    stored = services.products.get(batch.category, sent.product_id) if sent else None
    return stored is not None and stored.product.is_held_by(batch.batch_id)
