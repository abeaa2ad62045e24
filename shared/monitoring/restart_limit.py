"""The limit on restarts of a batch's lifecycle. At the limit the batch is left to a person.

The count starts again whenever the batch changes state, so only a batch that is stuck reaches the limit.
"""

from shared.domain.batch import OpenAIBatch

MAX_RESTARTS = 10


def count_restart(batch: OpenAIBatch) -> OpenAIBatch:
    """Return the batch with one more restart counted. The last allowed restart sets `needs_attention`."""
    restarts = batch.restarts + 1 if batch.restarted_as == batch.status else 1
    reason = None
    if restarts >= MAX_RESTARTS:
        reason = (
            f"Its lifecycle was started {restarts} times while the batch was {batch.status}, without any "
            "progress. The app's log shows why the step failed. Processing it now, or cancelling it, starts "
            "the lifecycle again."
        )
    update = {"restarts": restarts, "restarted_as": batch.status, "needs_attention": reason}
    return batch.model_copy(update=update)


def reset_restarts(batch: OpenAIBatch) -> OpenAIBatch:
    """Return the batch with its restart count cleared, after a person has acted on it."""
    return batch.model_copy(update={"restarts": 0, "restarted_as": None, "needs_attention": None})
