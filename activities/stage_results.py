"""The activity that copies a job's results into segments."""

import azure.durable_functions as df

from shared.composition import get_services
from shared.results.staging import stage

bp = df.Blueprint()


@bp.activity_trigger(input_name="payload")
def stage_results(payload: str) -> int:
    """Input: batch id. Output: number of segments."""
    return stage(get_services(), payload)
