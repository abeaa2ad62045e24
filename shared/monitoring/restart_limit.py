"""Batches whose lifecycle is started again and again: after a while they ask for a person's attention.

Each state that a batch gets into begins the count anew, so only one that stands still is stopped.
"""

from shared.domain.batch import OpenAIBatch

MOST_RESTARTS = 10


def count_restart(batch: OpenAIBatch) -> OpenAIBatch:
    """The batch with one more restart noted; the last one that is allowed is the one that asks."""
    restarts = batch.restarts + 1 if batch.restarted_as == batch.status else 1
    said = None
    if restarts >= MOST_RESTARTS:
        said = (
            f"Its lifecycle was started {restarts} times while the batch was {batch.status}, and did not get "
            "on; the log of its activities says why. process-results or cancel starts it again."
        )
    update = {"restarts": restarts, "restarted_as": batch.status, "needs_attention": said}
    return batch.model_copy(update=update)


def reset_restarts(batch: OpenAIBatch) -> OpenAIBatch:
    """The batch after somebody has looked: it may be started again as often as before."""
    return batch.model_copy(update={"restarts": 0, "restarted_as": None, "needs_attention": None})
