"""The activity that checks a batch's job at Azure OpenAI."""

import azure.durable_functions as df

from shared.batching.job_check import check
from shared.composition import get_services

bp = df.Blueprint()


@bp.activity_trigger(input_name="payload")
def check_batch(payload: str) -> dict:  # type: ignore[type-arg]
    """Input: batch id. Output: `Step`."""
    return dict(check(get_services(), payload))
