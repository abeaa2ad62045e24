"""Stage a job's results: copy Azure's files into our blobs, cut into segments."""

import azure.durable_functions as df

from shared.composition import get_services
from shared.domain.states import BatchStatus
from shared.openai_batch.remote_errors import Refused
from shared.persistence import batch_files
from shared.services import Services

bp = df.Blueprint()

# A result file that is not there so often does not come any more: its requests are missing.
_MOST_ATTEMPTS = 5


@bp.activity_trigger(input_name="payload")
def stage_results(payload: str) -> int:
    """Input: batch id. Output: number of segments."""
    return stage(get_services(), payload)


def stage(services: Services, batch_id: str) -> int:
    """Copy the output and error files; a batch that is staged already is left as it is.

    Azure's files stay until the batch is settled.
    """
    batch = services.batches.get(batch_id)
    if batch.status != BatchStatus.INGESTING or batch.result_file:
        return len(batch.segments)
    prefix = batch_files.results_prefix(batch_id)
    given_up = batch.stage_attempts >= _MOST_ATTEMPTS
    try:
        segments = services.router.processor_for(batch).stage(batch, prefix, without_missing=given_up)
    except Refused:
        more = {"stage_attempts": batch.stage_attempts + 1}
        services.batches.modify(batch_id, lambda current: current.model_copy(update=more))
        raise
    staged = {"segments": segments, "result_file": prefix}
    services.batches.modify(batch_id, lambda current: current.model_copy(update=staged))
    return len(segments)
