"""The activity that submits a batch."""

import azure.durable_functions as df

from shared.batching.batch_submission import submit
from shared.composition import get_services

bp = df.Blueprint()


@bp.activity_trigger(input_name="payload")
def submit_batch(payload: str) -> dict:  # type: ignore[type-arg]
    """Input: batch id. Output: `Step`."""
    return dict(submit(get_services(), payload))
