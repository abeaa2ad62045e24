"""The lease on submitting a batch: an owner and an expiry in the batch's record."""

import uuid
from datetime import timedelta
from typing import Any

from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.states import BatchStatus
from shared.services import Services


class LeaseLost(Exception):
    """Another worker is submitting this batch."""


class SubmissionLease:
    """One worker's right to submit one batch."""

    def __init__(self, services: Services, batch_id: str) -> None:
        self.owner = uuid.uuid4().hex
        self._services = services
        self._batch_id = batch_id
        self._duration = timedelta(seconds=services.settings.submit_lease_seconds)

    def take(self) -> OpenAIBatch:
        """Take the lease if the batch is to be submitted and no other worker holds it.

        Returns the batch as stored. The lease was taken when `submit_owner` is this lease's `owner`.
        """
        return self._services.batches.modify(self._batch_id, self._taken)

    def save(self, changes: dict[str, Any]) -> OpenAIBatch:
        """Store changes of the batch and extend the lease. Returns the batch as stored.

        Raises:
            LeaseLost: when another worker has taken over.
        """

        def change(batch: OpenAIBatch) -> OpenAIBatch:
            if batch.submit_owner != self.owner:
                raise LeaseLost(f"Batch {self._batch_id} is being submitted by another worker.")
            return batch.model_copy(update={**self._ownership(), **changes})

        return self._services.batches.modify(self._batch_id, change)

    def release(self) -> None:
        """Let another worker submit the batch.

        Raises:
            LeaseLost: when another worker has taken over.
        """
        self.save({"submit_owner": None, "submit_expires_at": None})

    def _taken(self, batch: OpenAIBatch) -> OpenAIBatch:
        if batch.status not in (BatchStatus.CREATED, BatchStatus.SUBMITTING):
            return batch
        if batch.submit_owner and batch.submit_expires_at and batch.submit_expires_at > utcnow():
            return batch
        return batch.model_copy(update={"status": BatchStatus.SUBMITTING, **self._ownership()})

    def _ownership(self) -> dict[str, Any]:
        return {"submit_owner": self.owner, "submit_expires_at": utcnow() + self._duration}
