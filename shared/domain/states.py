"""The state machines of batch, run, task (import, requeueing) and product: which state may follow which.

This table is the only place that knows. Every write of a state goes through `require`, and 409 answers
are made from it. `docs/architecture.md` draws the same machines.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from shared.domain.errors import WrongState


class ProductStatus(StrEnum):
    """`openai_processing_status` of a product."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class BatchStatus(StrEnum):
    """`status` of an `OpenAIBatch`. What Azure calls its job is kept apart, in `job_status`."""

    BUILDING = "building"
    CREATED = "created"
    SUBMITTING = "submitting"
    IN_PROGRESS = "in_progress"
    INGESTING = "ingesting"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        return not BATCH_TRANSITIONS[self]


class RunStatus(StrEnum):
    """`status` of a run."""

    QUEUED = "queued"
    PREPARING = "preparing"
    RUNNING = "running"
    COMPLETED = "completed"
    CAPPED = "capped"
    FAILED = "failed"

    @property
    def is_terminal(self) -> bool:
        return not RUN_TRANSITIONS[self]


class TaskStatus(StrEnum):
    """`status` of an import or a requeueing."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def is_terminal(self) -> bool:
        return not TASK_TRANSITIONS[self]


Status = BatchStatus | RunStatus | TaskStatus

PRODUCT_TRANSITIONS: Mapping[ProductStatus, frozenset[ProductStatus]] = {
    # To failed: its record is too thin to be written about (THIN_RECORDS=refuse).
    ProductStatus.PENDING: frozenset(
        {ProductStatus.PROCESSING, ProductStatus.COMPLETED, ProductStatus.FAILED}
    ),
    ProductStatus.PROCESSING: frozenset(
        {ProductStatus.COMPLETED, ProductStatus.FAILED, ProductStatus.PENDING}
    ),
    ProductStatus.COMPLETED: frozenset({ProductStatus.PENDING}),
    ProductStatus.FAILED: frozenset({ProductStatus.PENDING}),
}

BATCH_TRANSITIONS: Mapping[BatchStatus, frozenset[BatchStatus]] = {
    BatchStatus.BUILDING: frozenset({BatchStatus.CREATED, BatchStatus.CANCELLED}),
    BatchStatus.CREATED: frozenset({BatchStatus.SUBMITTING, BatchStatus.CANCELLED}),
    BatchStatus.SUBMITTING: frozenset({BatchStatus.IN_PROGRESS, BatchStatus.INGESTING}),
    # Back to submitting: Azure accepted the job and then failed it for want of enqueued tokens.
    BatchStatus.IN_PROGRESS: frozenset({BatchStatus.INGESTING, BatchStatus.SUBMITTING}),
    BatchStatus.INGESTING: frozenset(
        {BatchStatus.COMPLETED, BatchStatus.FAILED, BatchStatus.EXPIRED, BatchStatus.CANCELLED}
    ),
    BatchStatus.COMPLETED: frozenset(),
    BatchStatus.FAILED: frozenset(),
    BatchStatus.EXPIRED: frozenset(),
    BatchStatus.CANCELLED: frozenset(),
}

RUN_TRANSITIONS: Mapping[RunStatus, frozenset[RunStatus]] = {
    RunStatus.QUEUED: frozenset({RunStatus.PREPARING}),
    RunStatus.PREPARING: frozenset({RunStatus.RUNNING}),
    RunStatus.RUNNING: frozenset({RunStatus.COMPLETED, RunStatus.CAPPED, RunStatus.FAILED}),
    RunStatus.COMPLETED: frozenset(),
    RunStatus.CAPPED: frozenset(),
    RunStatus.FAILED: frozenset(),
}

TASK_TRANSITIONS: Mapping[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.RUNNING: frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED}),
    TaskStatus.COMPLETED: frozenset(),
    TaskStatus.FAILED: frozenset(),
}

_TRANSITIONS: Mapping[type[StrEnum], Mapping[Any, frozenset[Any]]] = {
    ProductStatus: PRODUCT_TRANSITIONS,
    BatchStatus: BATCH_TRANSITIONS,
    RunStatus: RUN_TRANSITIONS,
    TaskStatus: TASK_TRANSITIONS,
}


def allowed(current: StrEnum) -> list[str]:
    """The states that may follow `current`, sorted."""
    return sorted(_TRANSITIONS[type(current)][current])


def require(current: StrEnum, to: StrEnum, what: str) -> None:
    """Check that `to` may follow `current` (staying is allowed: activities run at least once).

    Raises:
        WrongState: naming `what`, its state and the states that may follow.
    """
    following = allowed(current)
    if to != current and to not in following:
        raise WrongState(
            f"{what} is {current} and cannot become {to}; "
            + (f"from here it can become {', '.join(following)}." if following else "this state is final."),
            state=str(current),
            allowed=following,
        )
