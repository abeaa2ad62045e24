"""Which build of a batch is the current one, and how a build ends without a file.

Several deliveries may build the same batch. The batch's record names the build that began last (`build_id`).
Only that build can end the batch, and it stores its decision in the record before it acts on it.
"""

import uuid
from typing import Any

from shared.batching.claims import BatchClaims
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.states import BatchStatus
from shared.persistence import batch_files
from shared.services import Services


class BuildLost(Exception):
    """Another worker builds this batch now, or has ended it."""


def begin(services: Services, batch_id: str) -> OpenAIBatch:
    """Make a new build the current one, and store which file it writes. Returns the batch as stored.

    A batch that is being ended without a file is returned unchanged: its `error_message` is set.

    Raises:
        NotFound: when there is no such batch.
        BuildLost: when the batch is built already, or has ended.
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
    """Store the result of a build. Returns the batch as stored.

    Raises:
        NotFound: when there is no such batch.
        BuildLost: when another build is the current one.
    """

    def change(current: OpenAIBatch) -> OpenAIBatch:
        if current.build_id != batch.build_id:
            raise BuildLost(f"Batch {batch.batch_id} is being built by another worker.")
        if current.status != BatchStatus.BUILDING:
            return current  # This write was carried out, its response was lost, and it was sent again.
        return current.model_copy(update=changes)

    return services.batches.modify(batch.batch_id, change)


def cancel_without_file(services: Services, batch: OpenAIBatch, reason: str) -> OpenAIBatch:
    """End a batch that cannot have a file, and release its products and its money.

    The reason is stored first. From then on no delivery builds this batch, so nothing is released that is in
    a file. If this stops half-way, the next delivery finishes it, or the run when it leaves preparing.

    Raises:
        NotFound: when there is no such batch.
        BuildLost: when another build is the current one.
    """
    ending = finish(services, batch, {"error_message": batch.error_message or reason})
    if ending.status == BatchStatus.BUILDING:
        release(services, ending)
    cancelled = {"status": BatchStatus.CANCELLED, "completed_at": utcnow()}
    return finish(services, ending, cancelled)


def abandon(services: Services, batch_id: str, reason: str) -> None:
    """End a batch that is still being built, even when another worker is building it.

    A batch that has its file by now is left alone.

    Raises:
        NotFound: when there is no such batch.
        BuildLost: when another worker abandons the batch at the same time.
    """

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
    """Release what a batch holds that will never be submitted: its products wait again, its money is free."""
    selection = batch_files.read_selection(services.blobs, batch.batch_id) or []
    BatchClaims(services, batch).return_to_queue(selection)
    services.budget.settle_cost(batch, 0.0)


def release_late_claims(services: Services, batch_id: str) -> None:
    """Release the claims that a lost build took after its batch had ended without a file."""
    batch = services.batches.get(batch_id)
    if batch.status == BatchStatus.CANCELLED and not batch.product_count:
        release(services, batch)
