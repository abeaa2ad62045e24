"""The activity that ingests one segment of a batch's results."""

import azure.durable_functions as df

from shared.composition import get_services
from shared.results.segment_ingestion import ingest

bp = df.Blueprint()


@bp.activity_trigger(input_name="payload")
def ingest_segment(payload: dict) -> int:  # type: ignore[type-arg]
    """Input: batch_id, index of the segment. Output: number of lines read."""
    return ingest(get_services(), **payload)
