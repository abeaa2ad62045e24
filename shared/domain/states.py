"""The state machines of batch, run, task (import, requeueing, export) and product.

This module alone defines which state may follow which. Every write of a state goes through `require`, and 409
answers are made from its error. `docs/architecture.md` draws the same machines.
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
    """`status` of an `OpenAIBatch`. The state of its job at Azure is another field: see `JobStatus`."""

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


class JobStatus(StrEnum):
    """The state of an Azure OpenAI job, by Azure's names; and `refused`, a name of our own.

    Azure may add states, so a batch keeps the state of its job as a plain string in lower case: `job_status`.
    Compare that string with these values or with `ENDED_JOBS`, and do not convert it.
    Source of the names: learn.microsoft.com, "Getting started with Azure OpenAI batch deployments".
    """

    VALIDATING = "validating"
    FAILED = "failed"
    IN_PROGRESS = "in_progress"
    FINALIZING = "finalizing"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    """There is no job: Azure refused the input file or the job."""

    @property
    def is_terminal(self) -> bool:
        return self in ENDED_JOBS


# Plain strings can be looked up here too. A state that is not known counts as running.
ENDED_JOBS: frozenset[str] = frozenset(
    {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.EXPIRED, JobStatus.CANCELLED, JobStatus.REFUSED}
)


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
    """`status` of an import, a requeueing or an export."""

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
    # Back to submitting: Azure accepted the job, then failed it because the token quota was full.
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
    # A run that cannot be prepared at all fails, from any state.
    RunStatus.QUEUED: frozenset({RunStatus.PREPARING, RunStatus.FAILED}),
    RunStatus.PREPARING: frozenset({RunStatus.RUNNING, RunStatus.FAILED}),
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
    """Check that `to` may follow `current`. Staying is allowed, since activities run at least once.

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
