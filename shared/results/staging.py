"""Staging a batch's results: Azure's output and error files are copied into segments, which are blobs."""

from shared.batching.azure_wait import NOT_SERVED, note_failure
from shared.domain.states import BatchStatus
from shared.openai_batch.remote_errors import Refused
from shared.persistence import batch_files
from shared.services import Services

# A result file that Azure does not deliver in this many attempts counts as missing, and so do its requests.
_MAX_ATTEMPTS = 5


def stage(services: Services, batch_id: str) -> int:
    """Copy the result files and return the number of segments. A batch that is staged is left as it is.

    Azure's files are deleted only when the batch is settled.

    Raises:
        NotFound: when there is no such batch.
        Refused: when Azure does not deliver a file; the attempt is counted.
        RemoteError: when Azure OpenAI cannot be used now; the record says what the batch waits for.
    """
    batch = services.batches.get(batch_id)
    if batch.status != BatchStatus.INGESTING or batch.result_file:
        return len(batch.segments)
    prefix = batch_files.results_prefix(batch_id)
    without_missing = batch.stage_attempts >= _MAX_ATTEMPTS
    try:
        segments = services.router.processor_for(batch).stage(batch, prefix, without_missing=without_missing)
    except NOT_SERVED as error:
        note_failure(services, batch, error)
        raise
    except Refused:
        attempts = {"stage_attempts": batch.stage_attempts + 1}
        services.batches.modify(batch_id, lambda current: current.model_copy(update=attempts))
        raise
    staged = {"segments": segments, "result_file": prefix}
    services.batches.modify(batch_id, lambda current: current.model_copy(update=staged))
    return len(segments)
