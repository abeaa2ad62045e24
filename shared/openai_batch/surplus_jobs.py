"""Jobs at Azure that carry the id of a batch of ours and are not its job: nobody waits for what they cost.

A create that was answered to nobody is looked for before another is sent, so there should be none.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from openai.types import Batch

from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.states import ENDED_JOBS, BatchStatus, JobStatus
from shared.openai_batch.remote_batches import Refused, RemoteBatches, batch_id_of, status_of

# A job is answered within a day, or hardly later; what is older has cost what it costs.
_RECENT = timedelta(days=2)
_MOST_LOOKED_AT = 2000
# Jobs of a batch in one of these states are for its submission to look after.
_SUBMITTING = (BatchStatus.BUILDING, BatchStatus.CREATED, BatchStatus.SUBMITTING)


def cancel_surplus(
    remote: RemoteBatches,
    find: Callable[[str], OpenAIBatch | None],
    discard: Callable[[Batch, OpenAIBatch], None],
) -> list[str]:
    """Cancel surplus jobs that run (the answer names them), and `discard` what those that have ended wrote.

    A job whose batch is not in our tables belongs to another app on the same resource, and is left alone.
    """
    cancelled: list[str] = []
    for job in remote.jobs_since(utcnow() - _RECENT, _MOST_LOOKED_AT):
        batch_id = batch_id_of(job)
        # The record is read after the list: a job that is the batch's own by then is known to be.
        batch = find(batch_id) if batch_id else None
        if batch is None or not _is_surplus(job, batch):
            continue
        if status_of(job) in ENDED_JOBS:
            discard(job, batch)
        elif status_of(job) != JobStatus.CANCELLING and _cancel(remote, job):
            cancelled.append(job.id)
    return cancelled


def _is_surplus(job: Batch, batch: OpenAIBatch) -> bool:
    return batch.status not in _SUBMITTING and job.id not in (batch.openai_job_id, *batch.previous_job_ids)


def _cancel(remote: RemoteBatches, job: Batch) -> bool:
    try:
        remote.cancel(job.id)
    except Refused as refusal:
        logging.info("surplus job %s has ended by itself: %s", job.id, refusal)
        return False
    return True
