"""The state machines: which state may follow which, and what a refusal says."""

import pytest

from shared.domain.errors import WrongState
from shared.domain.states import (
    BATCH_TRANSITIONS,
    ENDED_JOBS,
    PRODUCT_TRANSITIONS,
    RUN_TRANSITIONS,
    TASK_TRANSITIONS,
    BatchStatus,
    JobStatus,
    ProductStatus,
    RunStatus,
    TaskStatus,
    allowed,
    require,
)


def test_every_state_has_its_transitions() -> None:
    assert set(BATCH_TRANSITIONS) == set(BatchStatus)
    assert set(RUN_TRANSITIONS) == set(RunStatus)
    assert set(PRODUCT_TRANSITIONS) == set(ProductStatus)
    assert set(TASK_TRANSITIONS) == set(TaskStatus)


@pytest.mark.parametrize("status", list(BatchStatus))
def test_from_every_batch_state_a_final_one_can_be_reached(status: BatchStatus) -> None:
    reached, to_visit = {status}, [status]
    while to_visit:
        for following in BATCH_TRANSITIONS[to_visit.pop()] - reached:
            reached.add(following)
            to_visit.append(following)
    assert any(state.is_terminal for state in reached)


def test_a_refused_transition_names_the_allowed_ones() -> None:
    with pytest.raises(WrongState) as error:
        require(BatchStatus.CREATED, BatchStatus.COMPLETED, "Batch b1")
    assert error.value.details == {"state": "created", "allowed": ["cancelled", "submitting"]}
    assert "Batch b1 is created" in str(error.value)


def test_keeping_a_state_is_allowed_and_leaving_a_final_one_is_not() -> None:
    require(BatchStatus.COMPLETED, BatchStatus.COMPLETED, "Batch b1")
    assert allowed(BatchStatus.COMPLETED) == []
    with pytest.raises(WrongState, match="final"):
        require(BatchStatus.COMPLETED, BatchStatus.INGESTING, "Batch b1")


def test_a_job_ends_in_one_of_azures_final_states_or_is_refused() -> None:
    ended = {"completed", "failed", "expired", "cancelled", "refused"}
    assert {str(status) for status in JobStatus if status.is_terminal} == ended
    running = {"validating", "in_progress", "finalizing", "cancelling"}
    assert {str(status) for status in JobStatus if not status.is_terminal} == running


@pytest.mark.parametrize("status", ["queued", "", "COMPLETED"])
def test_a_job_in_a_state_that_is_not_known_counts_as_running(status: str) -> None:
    assert status not in ENDED_JOBS
