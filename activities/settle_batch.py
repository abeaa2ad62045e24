"""The activity that settles a batch."""

import azure.durable_functions as df

from shared.composition import get_services
from shared.results.batch_settlement import settle

bp = df.Blueprint()


@bp.activity_trigger(input_name="payload")
def settle_batch(payload: str) -> str:
    """Input: batch id. Output: the batch's final status."""
    return str(settle(get_services(), payload))
