"""Surplus jobs: jobs at Azure that belong to one of the app's batches and are not the job in its record.

They cost money, and their results are not used. The submission prevents them: before it sends a second
create, it looks for the job of the first. This module cancels those that exist all the same.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from openai.types import Batch

from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.states import ENDED_JOBS, BatchStatus, JobStatus
from shared.openai_batch.remote_batches import RemoteBatches, batch_id_of, status_of
from shared.openai_batch.remote_errors import Refused

# Azure ends a job within about a day. Cancelling an older one saves nothing.
_RECENT = timedelta(days=2)
_MAX_JOBS = 2000
# While a batch is in one of these states, its submission handles its jobs.
_SUBMITTING = (BatchStatus.BUILDING, BatchStatus.CREATED, BatchStatus.SUBMITTING)


def cancel_surplus(
    remote: RemoteBatches,
    find: Callable[[str], OpenAIBatch | None],
    discard: Callable[[Batch, OpenAIBatch], None],
) -> list[str]:
    """Cancel the surplus jobs that run, and `discard` the files of those that have ended.

    `find` reads a batch's record by id. A job whose batch has no record belongs to another app at the same
    resource, and is left alone. Returns the ids of the cancelled jobs.
    """
    cancelled: list[str] = []
    for job in remote.jobs_since(utcnow() - _RECENT, _MAX_JOBS):
        batch_id = batch_id_of(job)
        # Read the record after the list. A job that has become the batch's own is then recognised as such.
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
        logging.info("surplus job %s was not cancelled, it has probably ended: %s", job.id, refusal)
        return False
    return True
