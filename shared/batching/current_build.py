"""Which build of a batch counts, and how one ends without a file: by its record first, so no two decide."""

import uuid
from typing import Any

from shared.batching.claims import BatchClaims
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.states import BatchStatus
from shared.persistence import batch_files
from shared.services import Services


class BuildLost(Exception):
    """Another worker is building this batch, or has ended it."""


def begin(services: Services, batch_id: str) -> OpenAIBatch:
    """Write down that this build is the one that counts from here on, and the file that it writes.

    A batch that is being ended without a file comes back as it is: it has an error message.

    Raises:
        BuildLost: when the batch is built, or has ended.
    """
    build_id = uuid.uuid4().hex

    def change(batch: OpenAIBatch) -> OpenAIBatch:
        if batch.status != BatchStatus.BUILDING:
            raise BuildLost(f"Batch {batch_id} was built by another worker.")
        if batch.error_message:
            return batch
        begun = {"build_id": build_id, "filename": batch_files.input_name(batch_id, build_id)}
        if not batch.is_online:
            deployment = services.balancer.choose(batch_id)
            begun |= {"transfer": services.settings.transfer_mode, "deployment": deployment}
        return batch.model_copy(update=begun)

    return services.batches.modify(batch_id, change)


def finish(services: Services, batch: OpenAIBatch, changes: dict[str, Any]) -> OpenAIBatch:
    """Store what a build came to, while it is the one that counts.

    Raises:
        BuildLost: when another worker has begun anew, or has ended it.
    """

    def change(current: OpenAIBatch) -> OpenAIBatch:
        # A write that was carried out and sent again meets its own effect.
        if current.build_id != batch.build_id:
            raise BuildLost(f"Batch {batch.batch_id} is being built by another worker.")
        return current if current.status != BatchStatus.BUILDING else current.model_copy(update=changes)

    return services.batches.modify(batch.batch_id, change)


def cancel_without_file(services: Services, batch: OpenAIBatch, reason: str) -> OpenAIBatch:
    """End a build that cannot have a file, and free what was taken for it.

    The reason comes first: from then on no delivery builds this batch, so that nothing is freed that a file
    holds. One that stops half-way is ended by the next delivery, or by the run when it leaves.

    Raises:
        BuildLost: when another worker has begun anew, or has built it.
    """
    ending = finish(services, batch, {"error_message": batch.error_message or reason})
    if ending.status == BatchStatus.BUILDING:
        release(services, ending)
    cancelled = {"status": BatchStatus.CANCELLED, "completed_at": utcnow()}
    return finish(services, ending, cancelled)


def abandon(services: Services, batch_id: str, reason: str) -> None:
    """End a build whoever is at it; one that has its file by now stays."""

    def take_over(current: OpenAIBatch) -> OpenAIBatch:
        if current.status != BatchStatus.BUILDING:
            return current
        return current.model_copy(
            update={"build_id": uuid.uuid4().hex, "error_message": current.error_message or reason}
        )

    batch = services.batches.modify(batch_id, take_over)
    if batch.status == BatchStatus.BUILDING:
        cancel_without_file(services, batch, reason)


def release(services: Services, batch: OpenAIBatch) -> None:
    """Make the products of a batch wait again that will never be submitted, and settle its money."""
    BatchClaims(services, batch).return_to_queue(
        batch_files.read_selection(services.blobs, batch.batch_id) or []
    )
    services.budget.settle_cost(batch, 0.0)


def release_late_claims(services: Services, batch_id: str) -> None:
    """A build that was lost may have taken claims after its batch had ended without a file."""
    batch = services.batches.get(batch_id)
    if batch.status == BatchStatus.CANCELLED and not batch.product_count:
        release(services, batch)
