"""The activity that prepares a batch: selects and claims products of a category, and builds the files."""

import azure.durable_functions as df

from shared.batching.preparation import prepare
from shared.composition import get_services

bp = df.Blueprint()


@bp.activity_trigger(input_name="payload")
def prepare_batch(payload: dict) -> dict:  # type: ignore[type-arg]
    """Input: run_id, category, sequence, limit (0 = all). Output: `Prepared`."""
    return dict(prepare(get_services(), **payload))
